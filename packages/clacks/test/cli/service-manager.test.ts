import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { Sandbox } from './sandbox.ts';
import type { Running } from './sandbox.ts';

const script = fileURLToPath(new URL('../../../../test/support/datagrams.py', import.meta.url));

/** What the test of `npm test` installs. */
const hasPrograms = ['systemd-notify', 'python3'].every(
  (program) => spawnSync(program, ['--version']).status === 0,
);

/** A service manager: what it is told, and when. */
class Manager implements AsyncDisposable {
  readonly #process: ChildProcessByStdio<null, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  private constructor(socket: string) {
    this.#process = spawn('python3', [script, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  static async at(socket: string): Promise<Manager> {
    const manager = new Manager(socket);
    expect(await manager.#line()).toBe('bound');
    return manager;
  }

  /** The next message; the fence that follows each one is left out. */
  async next(): Promise<string[]> {
    const text = JSON.parse(await this.#line()) as string;
    return text.startsWith('BARRIER=') ? this.next() : text.trimEnd().split('\n');
  }

  /** The next message that is no sign of life. */
  async nextNews(): Promise<string[]> {
    const message = await this.next();
    return message.includes('WATCHDOG=1') ? this.nextNews() : message;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    if (this.#process.exitCode === null) await once(this.#process, 'exit');
  }

  async #line(): Promise<string> {
    const result = (await this.#lines.next()) as IteratorResult<string, undefined>;
    return result.value ?? '';
  }
}

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.create();
});
afterEach(() => sandbox[Symbol.asyncDispose]());

const configure = (content = ''): Promise<void> =>
  writeFile(
    sandbox.path('c.xml'),
    `<clacks><username>admin</username><password>adminpass</password><socket>s</socket>
    ${content}</clacks>`,
    { mode: 0o600 },
  );

const start = (env: Record<string, string>): Running => sandbox.start(['server', 'c.xml'], env);

describe.runIf(hasPrograms)('a service manager', () => {
  it('is told when the server listens, reloads, and stops', async () => {
    await using manager = await Manager.at(sandbox.path('notify'));
    await configure();
    const server = start({ NOTIFY_SOCKET: sandbox.path('notify') });
    const ready = ['READY=1', `STATUS=Listening on ${sandbox.path('s')} (unix socket)`];
    expect(await manager.next()).toEqual(ready);
    (await RawClient.loginAt(sandbox.path('s'))).destroy();

    server.child.kill('SIGHUP');
    const [reloading, time, status] = await manager.next();
    expect([reloading, status]).toEqual(['RELOADING=1', 'STATUS=Reloading']);
    const us = Number(/^MONOTONIC_USEC=(\d+)$/u.exec(time ?? '')?.[1]);
    const uptimeS = Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0]);
    expect(us).toBeGreaterThan((uptimeS - 60) * 1e6);
    expect(us).toBeLessThan((uptimeS + 60) * 1e6);
    expect(await manager.next()).toEqual(ready);

    server.child.kill('SIGTERM');
    expect(await manager.next()).toEqual(['STOPPING=1', 'STATUS=Stopping']);
    expect(await server.ended).toMatchObject({ code: 0 });
  });

  it('is told why a reload has changed nothing', async () => {
    await using manager = await Manager.at(sandbox.path('notify'));
    await configure();
    const server = start({ NOTIFY_SOCKET: sandbox.path('notify') });
    await manager.next();
    await configure('<user><username>x</username></user>');
    server.child.kill('SIGHUP');
    await manager.next();
    expect(await manager.next()).toEqual([
      'READY=1',
      expect.stringMatching(/^STATUS=Not reloaded, goes on as before: .*c\.xml:2: user\/password/u),
    ]);
  });

  it('is told nothing of a server that could not start', async () => {
    await using manager = await Manager.at(sandbox.path('notify'));
    await configure('<ip>192.0.2.1</ip><ssl><cert>none</cert><key>none</key></ssl>');
    const env = { NOTIFY_SOCKET: sandbox.path('notify') };
    expect(await start(env).ended).toMatchObject({ code: 2 });
    await configure();
    start(env);
    expect(await manager.next()).toContain('READY=1');
  });

  it('gets signs of life for its watchdog, at an abstract socket too', async () => {
    const socket = `@${sandbox.path('notify')}`;
    await using manager = await Manager.at(socket);
    await configure();
    const server = start({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: '30000' });
    expect(await manager.next()).toContain('READY=1');
    for (let times = 0; times < 3; times++) expect(await manager.next()).toEqual(['WATCHDOG=1']);
    server.child.kill('SIGTERM');
    expect(await manager.nextNews()).toContain('STOPPING=1');
  });

  it('gets none while the event loop hangs', async () => {
    await using manager = await Manager.at(sandbox.path('notify'));
    await configure();
    const hang = sandbox.path('hang.mjs');
    // SIGUSR2 makes it hang for ever, once the manager has been told what is on its way.
    await writeFile(
      hang,
      "import { writeSync } from 'node:fs'; process.on('SIGUSR2', () => { writeSync(2, 'hangs'); for (;;); });",
    );
    const env = { NOTIFY_SOCKET: sandbox.path('notify'), WATCHDOG_USEC: '30000' };
    const server = start({ ...env, NODE_OPTIONS: `--import ${hang}` });
    expect(await manager.next()).toContain('READY=1');
    expect(await manager.next()).toEqual(['WATCHDOG=1']);
    server.child.kill('SIGUSR2');
    await server.waitFor('stderr', /hangs/u);
    // What another server says comes after all that this one had begun to say, and nothing more follows.
    const tell = (what: string): void => {
      const { status } = spawnSync('systemd-notify', [what], { env: { ...process.env, ...env } });
      expect(status).toBe(0);
    };
    tell('X_FENCE=1');
    while ((await manager.next())[0] !== 'X_FENCE=1');
    for (let times = 0; times < 20; times++) tell(`X_LATER=${times}`);
    const later: string[] = [];
    while (later.at(-1) !== 'X_LATER=19') later.push(...(await manager.next()));
    expect(later.filter((line) => line === 'WATCHDOG=1').length).toBeLessThanOrEqual(1);
    await server.kill('SIGKILL');
  });

  it('with a watchdog for another process gets none', async () => {
    await using manager = await Manager.at(sandbox.path('notify'));
    await configure();
    const watchdog = { WATCHDOG_USEC: '3000', WATCHDOG_PID: '1' };
    const server = start({ NOTIFY_SOCKET: sandbox.path('notify'), ...watchdog });
    expect(await manager.next()).toContain('READY=1');
    server.child.kill('SIGHUP');
    expect(await manager.next()).toContain('RELOADING=1');
    expect(await manager.next()).toContain('READY=1');
    server.child.kill('SIGTERM');
    expect(await manager.next()).toContain('STOPPING=1');
  });

  it('is not told by what the server starts', async () => {
    await using manager = await Manager.at(sandbox.path('notify'));
    await configure(`<socketcommands>sh -c 'env > ${sandbox.path('env')}'</socketcommands>`);
    const watchdog = { WATCHDOG_USEC: '60000000', WATCHDOG_PID: '' };
    start({ NOTIFY_SOCKET: sandbox.path('notify'), ...watchdog });
    await manager.next();
    const environment = await readFile(sandbox.path('env'), 'utf8');
    expect(environment).toContain('PATH=');
    expect(environment).not.toMatch(/NOTIFY_SOCKET|WATCHDOG/u);
  });
});

it('a service manager that cannot be told is a warning, once, and the server goes on', async () => {
  await configure();
  const env = { NOTIFY_SOCKET: sandbox.path('nobody'), WATCHDOG_USEC: '30000' };
  const server = start(env);
  await server.waitFor('stderr', /"reason":"[^"]+","msg":"the service manager cannot be told"/u);
  const client = await RawClient.loginAt(sandbox.path('s'));
  server.child.kill('SIGHUP');
  await server.waitFor('stderr', /"msg":"reloaded"/u);
  expect(await client.fence()).toEqual([]);
  const { stderr, code } = await server.kill('SIGTERM');
  expect(code).toBe(0);
  expect(stderr.match(/cannot be told/gu)).toHaveLength(1);
});
