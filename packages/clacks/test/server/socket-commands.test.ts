import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { Worker } from 'node:worker_threads';
import { Server } from 'clacks';
import type { ServerConfigInput } from 'clacks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wordsOfCommand } from '../../src/config/command-line.ts';
import { makeCertificate } from '../../../../test/support/certificate.ts';
import { TestLog } from '../../../../test/support/log.ts';
import { RawClient } from '../../../../test/support/raw-client.ts';

let directory: string;
const file = (name: string): string => path.join(directory, name);
const users = [{ username: 'admin', password: 'adminpass' }];

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
});
afterEach(() => rm(directory, { recursive: true }));

const newServer = (
  socketCommands: string[],
  more: Partial<ServerConfigInput> = {},
  log = new TestLog(),
): Server => {
  const config = { sockets: [file('a.sock')], users, socketCommands, ...more };
  return new Server({ config, logger: log.logger });
};

/** A command that runs until {@link letGo}, and makes a file when it begins. */
const holding = async (): Promise<{
  command: string;
  begun: () => Promise<void>;
  letGo: () => Promise<void>;
}> => {
  const script = file('hold');
  await writeFile(
    script,
    `#!/bin/sh\nmkfifo '${file('gate')}' && touch '${file('begun')}' && read line < '${file('gate')}'\n[ "$line" = ok ]\n`,
  );
  await chmod(script, 0o700);
  const begun = async (): Promise<void> => {
    while ((await stat(file('begun')).catch(() => undefined)) === undefined) {
      await new Promise(setImmediate);
    }
  };
  return { command: script, begun, letGo: () => writeFile(file('gate'), 'ok\n') };
};

describe('a socket command', () => {
  it.each([
    ['chown www-data:www-data /run/clacks.sock', 3],
    ['  chmod   777 \t /run/clacks.sock', 3],
    ['/usr/bin/setfacl -m u:sensor:rw,g::r a-b_c+d%e@f.sock', 4],
    ['touch Küche', 2],
  ])('%j needs no shell', (command, words) => {
    expect(wordsOfCommand(command)).toHaveLength(words);
  });

  it.each([
    ...["a 'b'", 'a "b"', 'a $B', 'a `b`', 'a; b', 'a & b', 'a | b', 'a > b', 'a < b', 'a *'],
    ...['a ?', 'a [b]', 'a {b,c}', 'a ~', 'a \\b', 'a\nb', 'a # b', 'a !', '(a)', 'A=1 b', ''],
  ])('%j is for a shell', (command) => {
    expect(wordsOfCommand(command)).toBeUndefined();
  });

  it('without anything for a shell gets none', async () => {
    const log = new TestLog();
    await using server = newServer([`cp /proc/self/cmdline ${file('seen')}`], {}, log);
    await server.start();
    const seen = await readFile(file('seen'), 'latin1');
    expect(seen.split('\0')).toEqual(['cp', '/proc/self/cmdline', file('seen'), '']);
    expect(JSON.stringify(log.entries)).not.toContain('/bin/sh');
  });

  it('with something for a shell gets one, and the log says so', async () => {
    const command = `echo "$((1 + 1))" > '${file('out')}' && chmod 640 ${file('out')}`;
    const log = new TestLog();
    await using server = newServer([command], {}, log);
    await server.start();
    expect(await readFile(file('out'), 'utf8')).toBe('2\n');
    expect(await log.next(/given to \/bin\/sh/u)).toMatchObject({ command });
  });

  it('is not run again by a reload', async () => {
    await using server = newServer([`touch ${file('first')}`]);
    await server.start();
    await rm(file('first'));
    const socketCommands = [`touch ${file('second')}`];
    const result = await server.reload({ sockets: [file('a.sock')], users, socketCommands });
    expect(result.needsRestart).toEqual(['socketCommands']);
    for (const name of ['first', 'second']) {
      await expect(stat(file(name))).rejects.toThrow('ENOENT');
    }
  });
});

describe('while socket commands run', () => {
  it('nobody is served, on no address; then everybody who waited', async () => {
    const { cert, key } = await makeCertificate();
    await writeFile(file('c.crt'), cert);
    await writeFile(file('c.key'), key, { mode: 0o600 });
    const hold = await holding();
    const probe = net.createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as net.AddressInfo;
    probe.close();
    await once(probe, 'close');
    const log = new TestLog();
    const addresses = {
      ips: ['127.0.0.1'],
      port,
      tls: { certFile: file('c.crt'), keyFile: file('c.key') },
    };
    await using server = newServer([hold.command], addresses, log);
    const started = server.start();
    await hold.begun();
    const overUnix = await RawClient.unixAt(file('a.sock'));
    const gone = await RawClient.unixAt(file('a.sock'));
    const overTls = new RawClient(tls.connect({ host: '127.0.0.1', port, ca: cert }));
    const raw = net.connect(port, '127.0.0.1');
    await once(raw, 'connect');
    gone.send('CLACKS gone');
    gone.destroy();
    raw.resetAndDestroy();
    const logins = [overUnix.login(), overTls.login()];
    // The server runs in this process: with each turn it could have handled what is there.
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    expect([overUnix.take(), overTls.take()]).toEqual([[], []]);
    expect(log.entries).toEqual([]);
    await hold.letGo();
    await started;
    await Promise.all(logins);
    expect([await overUnix.fence(), await overTls.fence()]).toEqual([[], []]);
  });

  it('who waits is closed if one of them fails, and the server does not start', async () => {
    const hold = await holding();
    const server = newServer([hold.command, 'false']);
    const started = server.start();
    await hold.begun();
    const client = await RawClient.unixAt(file('a.sock'));
    await hold.letGo();
    await expect(started).rejects.toMatchObject({
      code: 'CLACKS_ERR_CONFIG',
      key: 'socketcommands',
    });
    expect(await client.closed()).toEqual([]);
    await expect(stat(file('a.sock'))).rejects.toThrow('ENOENT');
  });
});

describe('the mode of a socket', () => {
  it('is never wider than it is to be, not even when the umask allows all', async () => {
    const umask = process.umask(0);
    const modes = new Set<number>();
    const server = newServer([], { socketMode: 0o660 });
    try {
      const started = server.start();
      let isStarted = false;
      void started.finally(() => {
        isStarted = true;
      });
      const isStarting = (): boolean => !isStarted;
      while (isStarting()) {
        const stats = await stat(file('a.sock')).catch(() => undefined);
        if (stats !== undefined) modes.add(stats.mode & 0o777);
        await new Promise(setImmediate);
      }
      await started;
      modes.add((await stat(file('a.sock'))).mode & 0o777);
    } finally {
      expect(process.umask(umask)).toBe(0);
      await server.stop();
    }
    expect([...modes].filter((mode) => (mode & ~0o660) !== 0)).toEqual([]);
    expect(modes).toContain(0o660);
  });

  it('is set in a worker thread as well, where there is no umask to set', async () => {
    const config = { sockets: [file('a.sock')], users, socketMode: 0o640 };
    const built = new URL('../../dist/index.js', import.meta.url).href;
    const worker = new Worker(
      `(async () => {
        const { Server } = await import(${JSON.stringify(built)});
        const server = new Server({ config: ${JSON.stringify(config)} });
        await server.start();
        require('node:worker_threads').parentPort.postMessage('started');
      })();`,
      { eval: true },
    );
    await once(worker, 'message');
    expect((await stat(file('a.sock'))).mode & 0o777).toBe(0o640);
    await worker.terminate();
  });

  it('is that of the umask where the configuration says nothing', async () => {
    const umask = process.umask(0o027);
    const server = newServer([]);
    try {
      await server.start();
      expect((await stat(file('a.sock'))).mode & 0o777).toBe(0o750);
    } finally {
      process.umask(umask);
      await server.stop();
    }
  });
});
