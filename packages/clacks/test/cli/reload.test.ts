import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { Sandbox, failure, hasTerminals, success } from './sandbox.ts';
import type { Running } from './sandbox.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.create();
  sandbox.env['CLACKS_URL'] = `clacks+unix://admin:adminpass@${sandbox.path('s')}`;
});
afterEach(() => sandbox[Symbol.asyncDispose]());

const listening = /^Listening/mu;

const configure = (content = ''): Promise<void> =>
  writeFile(
    sandbox.path('c.xml'),
    `<clacks><username>admin</username><password>adminpass</password><socket>s</socket>
    ${content}</clacks>`,
    { mode: 0o600 },
  );

const user = (name: string, permission: string): string =>
  `<user><username>${name}</username><password>p</password><${permission}>1</${permission}></user>`;

const start = async (...more: string[]): Promise<Running> => {
  const server = sandbox.start(['server', 'c.xml', ...more]);
  await server.waitFor('stdout', listening);
  return server;
};

const login = async (username: string): Promise<RawClient> => {
  const client = await RawClient.unixAt(sandbox.path('s'));
  await client.login(username, 'p');
  return client;
};

describe('SIGHUP', () => {
  it('takes over a new configuration and tells what; connections stay', async () => {
    await configure();
    const server = await start();
    const client = await RawClient.loginAt(sandbox.path('s'));
    await configure(`${user('new', 'read')}<maxlinelength>2000</maxlinelength><port>7</port>`);
    server.child.kill('SIGHUP');
    await server.waitFor('stderr', /"changed":\["user","maxlinelength"\],"msg":"reloaded"/u);
    await server.waitFor('stderr', /"needsRestart":\["port"\]/u);
    await login('new');
    expect(await client.fence()).toEqual([]);
    expect(await server.kill('SIGTERM')).toMatchObject({ code: 0 });
  });

  it('with a broken configuration changes nothing and tells why', async () => {
    await configure(user('old', 'read'));
    const server = await start();
    await configure('<user><username>x</username></user>');
    server.child.kill('SIGHUP');
    await server.waitFor(
      'stderr',
      /"reason":"[^"]*c\.xml:2: user\/password: is missing","msg":"not reloaded/u,
    );
    await login('old');
  });

  it('while the server starts does not end it, but counts when it has started', async () => {
    const fifo = sandbox.path('gate');
    await configure(`<socketcommands>mkfifo ${fifo}</socketcommands>
      <socketcommands>cat ${fifo}</socketcommands>`);
    const server = sandbox.start(['server', 'c.xml']);
    while ((await stat(fifo).catch(() => undefined)) === undefined) {
      await new Promise(setImmediate);
    }
    await configure(user('late', 'read'));
    for (let times = 0; times < 3; times++) server.child.kill('SIGHUP');
    await writeFile(fifo, '');
    await server.waitFor('stdout', listening);
    await server.waitFor('stderr', /"changed":\["user"\]/u);
    await login('late');
    expect(await server.kill('SIGTERM')).toMatchObject({ code: 0 });
  });

  it('reads the configuration of the server without one, and keeps its --port', async () => {
    delete sandbox.env['CLACKS_URL'];
    const server = sandbox.start(['server', '--port', '0']);
    await server.waitFor('stdout', /^Listening/mu);
    const file = sandbox.path('.config', 'clacks', 'server', 'clacks.xml');
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace(/<pingtimeout>180/u, '<pingtimeout>90'),
    );
    server.child.kill('SIGHUP');
    await server.waitFor('stderr', /"changed":\["pingtimeout"\],"msg":"reloaded"/u);
    expect(server.stderr).not.toContain('needsRestart');
    expect(await sandbox.run(['keys'])).toEqual(success(''));
  });

  it('keeps the --log-level of the command line', async () => {
    await configure('<loglevel>debug</loglevel>');
    const server = await start('--log-level', 'info');
    await configure('<loglevel>silent</loglevel>');
    server.child.kill('SIGHUP');
    await server.waitFor('stderr', /"msg":"reloaded"/u);
    expect(server.stderr).not.toContain('"level":20');
  });

  it('sets the log level of the configuration without one', async () => {
    await configure('<loglevel>warn</loglevel>');
    const server = await start();
    expect(server.stderr).toBe('');
    await configure('<loglevel>debug</loglevel>');
    server.child.kill('SIGHUP');
    await server.waitFor('stderr', /"msg":"reloaded"/u);
    (await RawClient.unixAt(sandbox.path('s'))).destroy();
    await server.waitFor('stderr', /"level":20/u);
  });
});

describe.runIf(hasTerminals)('a server on a terminal', () => {
  it('reloads at SIGHUP, and ends in order when the terminal is closed', async () => {
    await configure();
    const pidFile = sandbox.path('pid');
    await writeFile(sandbox.path('run.sh'), `echo $$ > ${pidFile}; exec "$@"\n`);
    // `script` runs it on a terminal of its own, which is closed when that is killed.
    const terminal = sandbox.startOnTerminal(['server', 'c.xml'], ['sh', sandbox.path('run.sh')]);
    await terminal.waitFor('stdout', /Listening/u);
    const pid = Number(await readFile(pidFile, 'utf8'));
    await configure(user('new', 'read'));
    process.kill(pid, 'SIGHUP');
    await terminal.waitFor('stdout', /reloaded/u);
    const client = await login('new');
    await terminal.kill('SIGKILL');
    expect(await client.closed()).toEqual(['QUIT']);
    while (isRunning(pid)) await new Promise(setImmediate);
    await expect(stat(sandbox.path('s'))).rejects.toThrow('ENOENT');
  });
});

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // There is none of that number.
    return false;
  }
};

describe('clacks reload', () => {
  it('ends when it is done, and names what needs a restart', async () => {
    await configure();
    await start();
    await configure(user('new', 'read'));
    expect(await sandbox.run(['reload'])).toEqual(success(''));
    await login('new');
    await configure('<appname>x</appname><port>7</port>');
    expect(await sandbox.run(['reload'])).toEqual({
      ...success(''),
      stderr: 'note: reloaded, but these need a restart: appname, port\n',
    });
  });

  it('fails with the reason when the configuration is broken', async () => {
    await configure(user('old', 'read'));
    await start();
    await configure('<apname>x</apname>');
    const result = await sandbox.run(['reload']);
    expect(result).toEqual(failure(1, /goes on as before: \S+c\.xml:2: apname: .*appname/u));
    await login('old');
  });

  it('is a line for the shell as well', async () => {
    await configure();
    await start();
    const { stdout } = await sandbox.run(['shell'], { input: 'RELOAD x\nRETRIEVE a\n' });
    expect(stdout).toMatch(/RELOADED x\nNOTRETRIEVED a\n/u);
  });

  it('needs the permission', async () => {
    await configure(user('u', 'read'));
    await start();
    const env = { CLACKS_URL: `clacks+unix://u:p@${sandbox.path('s')}` };
    const result = await sandbox.run(['reload'], { env });
    expect(result).toEqual(failure(1, /permission_denied: u may not use 'reload'/u));
  });

  it('says so when the server cannot', async () => {
    const old = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('CLACKS PageCamel 36\r\nOVERHEAD M Authentication required\r\n');
      socket.setEncoding('latin1').on('data', (text: string) => {
        for (const line of text.split('\r\n')) {
          if (line.startsWith('OVERHEAD A ')) socket.write('OVERHEAD O Welcome!\r\n');
          else if (line.startsWith('FLUSH ')) socket.write(`FLUSHED ${line.slice(6)}\r\n`);
          else if (line.startsWith('RELOAD'))
            socket.write(`OVERHEAD E unknown_command ${line}\r\n`);
        }
      });
    });
    old.listen(path.join(sandbox.home, 's'));
    await once(old, 'listening');
    const result = await sandbox.run(['reload']);
    expect(result).toEqual(failure(1, /cannot do that: it knows no 'reload'/u));
    old.close();
  });
});
