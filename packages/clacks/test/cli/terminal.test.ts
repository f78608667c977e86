import { readFile, stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { TestServer } from '../../../../test/support/test-server.ts';
import { parsePasswordHash, verifyPassword } from '../../src/auth/scrypt.ts';
import { Sandbox, hasTerminals } from './sandbox.ts';

let sandbox: Sandbox;
let server: TestServer;
let client: RawClient;

beforeAll(async () => {
  sandbox = await Sandbox.create();
  server = await TestServer.start();
  client = await RawClient.login(server);
  sandbox.env['CLACKS_URL'] = `clacks+unix://admin:adminpass@${server.socketPath}`;
});
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

describe.skipIf(!hasTerminals)('on a terminal', () => {
  it('the shell completes verbs and names, and remembers lines but no login tokens', async () => {
    client.send('STORE Kitchen::Target=22');
    await client.fence();
    const shell = sandbox.startOnTerminal(['shell']);
    await shell.waitFor('stdout', /clacks> /u);
    shell.type('RETR\t');
    await shell.waitFor('stdout', /RETRIEVE /u);
    shell.type('Kit\t');
    await shell.waitFor('stdout', /Kitchen::Target/u);
    shell.type('\r');
    await shell.waitFor('stdout', /RETRIEVED Kitchen::Target=22\r\n/u);
    shell.type('FLUSH OVERHEAD\r');
    await shell.waitFor('stdout', /FLUSHED OVERHEAD\r\n/u);
    shell.type('OVERHEAD A c2VjcmV0\r');
    await shell.waitFor('stdout', /OVERHEAD F/u);
    const { code } = await shell.ended;
    // The server takes a second login that fails for what it is.
    expect(code).toBe(1);
    const file = sandbox.path('.local', 'state', 'clacks', 'history');
    expect(await readFile(file, 'utf8')).toBe('RETRIEVE Kitchen::Target\nFLUSH OVERHEAD\n');
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600');
  });

  it('the shell knows the lines of the one before, and ends at Ctrl-D', async () => {
    const shell = sandbox.startOnTerminal(['shell']);
    await shell.waitFor('stdout', /clacks> /u);
    shell.type('\u001b[A');
    await shell.waitFor('stdout', /FLUSH OVERHEAD/u);
    shell.type('\r');
    await shell.waitFor('stdout', /FLUSHED OVERHEAD\r\n/u);
    shell.type('\u0004');
    expect((await shell.ended).code).toBe(0);
  });

  it('a value cannot send control characters, and names have colours', async () => {
    const listening = sandbox.startOnTerminal(['listen', 'evil', '--count', '1']);
    await listening.waitFor('stdout', /listening to evil/u);
    client.send('SET evil=\u001b]0;title\u0007');
    const { stdout } = await listening.ended;
    expect(stdout).toContain('\u001b[36mevil\u001b[39m=\\x1b]0;title\\x07\r\n');
  });

  it('a password is asked for twice and not shown', async () => {
    const asking = sandbox.startOnTerminal(['hash-password']);
    await asking.waitFor('stdout', /Password: /u);
    asking.type('hidden\r');
    await asking.waitFor('stdout', /The same again: /u);
    asking.type('hidden\r');
    const { code, stdout } = await asking.ended;
    expect(code).toBe(0);
    expect(stdout).not.toContain('hidden');
    const hash = parsePasswordHash(stdout.trimEnd().split('\r\n').at(-1) ?? '');
    const { signal } = new AbortController();
    expect(hash && (await verifyPassword('hidden', hash, 'host', signal))).toBe(true);
  });

  it('a missing password is asked for', async () => {
    const asking = sandbox.startOnTerminal([
      '--user',
      'admin',
      '--socket',
      server.socketPath,
      'keys',
    ]);
    asking.child.stdin.end();
    expect((await asking.ended).stdout).toContain('Kitchen::Target');
    const other = sandbox.startOnTerminal(['--user', 'other', 'keys']);
    await other.waitFor('stdout', /Password of other at .*: /u);
    other.type('wrong\r');
    const { code, stdout } = await other.ended;
    expect(code).toBe(1);
    expect(stdout).toContain('refuses the login of other');
  });

  it('the server logs for people', async () => {
    const running = sandbox.startOnTerminal(['server', '--port', '0']);
    await running.waitFor('stdout', /INFO.*listening/u);
    await running.waitFor('stdout', /^Listening on /mu);
    running.type('\u0003');
    expect((await running.ended).code).toBe(0);
  });
});
