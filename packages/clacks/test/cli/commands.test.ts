import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { TestServer } from '../../../../test/support/test-server.ts';
import { Sandbox, failure, success } from './sandbox.ts';

let sandbox: Sandbox;
let server: TestServer;

const user = (name: string, permission: string): string =>
  `<user><username>${name}</username><password>pw</password><${permission}>1</${permission}></user>`;

beforeAll(async () => {
  sandbox = await Sandbox.create();
  server = await TestServer.start({ xml: user('reader', 'read') + user('writer', 'write') });
  sandbox.env['CLACKS_URL'] = `clacks+unix://admin:adminpass@${server.socketPath}`;
});
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** The environment of another user. */
const as = (name: string) => ({
  env: { CLACKS_URL: `clacks+unix://${name}:pw@${server.socketPath}` },
});

describe('clacks notify and set', () => {
  it('signal, and end when the server has handled it', async () => {
    const listener = await RawClient.login(server);
    listener.send('LISTEN event', 'LISTEN value');
    await listener.fence();
    expect(await sandbox.run(['notify', 'event'])).toEqual(success(''));
    expect(await sandbox.run(['set', 'value', '21.5 °C'])).toEqual(success(''));
    expect(await sandbox.run(['set', 'value', '-5'])).toEqual(success(''));
    expect(await sandbox.run(['set', 'value', '--', '--- x'])).toEqual(success(''));
    const degrees = Buffer.from('SET value=21.5 °C').toString('latin1');
    expect(await listener.fence()).toEqual([
      'NOTIFY event',
      degrees,
      'SET value=-5',
      'SET value=--- x',
    ]);
    listener.destroy();
  });

  it('take a value from standard input, without the line break at its end', async () => {
    const listener = await RawClient.login(server);
    listener.send('LISTEN piped');
    await listener.fence();
    expect(await sandbox.run(['set', 'piped', '-'], { input: 'one line\n' })).toEqual(success(''));
    expect(await listener.fence()).toEqual(['SET piped=one line']);
    listener.destroy();
  });
});

describe('clacks store, retrieve, remove and keys', () => {
  it('keep, print, list and delete values', async () => {
    expect(await sandbox.run(['store', 'a::x', '1 = 1'])).toEqual(success(''));
    expect(await sandbox.run(['store', 'b::x', ''])).toEqual(success(''));
    expect(await sandbox.run(['retrieve', 'a::x'])).toEqual(success('1 = 1\n'));
    expect(await sandbox.run(['retrieve', 'b::x'])).toEqual(success('\n'));
    const json = await sandbox.run(['retrieve', 'a::x', '--json']);
    expect(json).toEqual(success('{"name":"a::x","value":"1 = 1"}\n'));
    expect(await sandbox.run(['keys'])).toEqual(success('a::x\nb::x\n'));
    expect(await sandbox.run(['keys', '*::x', '--json'])).toEqual(success('["a::x","b::x"]\n'));
    expect(await sandbox.run(['keys', 'c::**'])).toEqual(success(''));
    expect(await sandbox.run(['remove', 'a::x', 'b::x', 'none'])).toEqual(success(''));
    expect(await sandbox.run(['keys', '--json'])).toEqual(success('[]\n'));
  });

  it('keep several lines, and bytes that are no text', async () => {
    await sandbox.run(['store', 'lines', '-'], { input: 'one\ntwo\n' });
    expect(await sandbox.run(['retrieve', 'lines'])).toEqual(success('one\ntwo\n'));
    await sandbox.run(['store', 'bytes', '-'], { input: new Uint8Array([0xff, 0x0a]) });
    const json = await sandbox.run(['retrieve', 'bytes', '--json']);
    expect(json).toEqual(success('{"name":"bytes","base64":"/wo="}\n'));
    await sandbox.run(['remove', 'lines', 'bytes']);
  });

  it('a value that is not there is a failure with nothing on standard output', async () => {
    expect(await sandbox.run(['retrieve', 'none'])).toEqual(
      failure(1, /no value of the name none/u),
    );
    const json = await sandbox.run(['retrieve', 'none', '--json']);
    expect(json).toEqual(failure(1, /no value/u));
  });

  it('store --signal does both', async () => {
    const listener = await RawClient.login(server);
    listener.send('LISTEN both');
    await listener.fence();
    expect(await sandbox.run(['store', '--signal', 'both', '1'])).toEqual(success(''));
    expect(await listener.fence()).toEqual(['SET both=1']);
    expect(await sandbox.run(['retrieve', 'both'])).toEqual(success('1\n'));
    listener.destroy();
  });

  it('increment and decrement count', async () => {
    expect(await sandbox.run(['increment', 'sum'])).toEqual(success(''));
    expect(await sandbox.run(['increment', 'sum', '0.5'])).toEqual(success(''));
    expect(await sandbox.run(['decrement', 'sum', '-10'])).toEqual(success(''));
    expect(await sandbox.run(['decrement', 'sum'])).toEqual(success(''));
    expect(await sandbox.run(['retrieve', 'sum'])).toEqual(success('10.5\n'));
  });
});

describe('clacks clients, kick and monitor', () => {
  it('list the connections, as a table and as JSON', async () => {
    const table = await sandbox.run(['clients']);
    expect(table).toEqual(
      success(expect.stringMatching(/^CID +CLIENT +UNSENT .*\n.* clacks clients /u) as string),
    );
    const { stdout } = await sandbox.run(['clients', '--json']);
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({
        cid: expect.stringMatching(/^unixdomainsocket:/u) as string,
        clientInfo: 'clacks clients',
        isMonitor: false,
      }),
    );
  });

  it('close a connection, and none if one of them is unknown', async () => {
    const victim = await RawClient.login(server);
    victim.send('CLACKS victim');
    await victim.fence();
    const { stdout } = await sandbox.run(['clients', '--json']);
    const clients = JSON.parse(stdout) as { cid: string; clientInfo: string }[];
    const cid = clients.find(({ clientInfo }) => clientInfo === 'victim')?.cid ?? '';
    const unknown = await sandbox.run(['kick', cid, 'nobody']);
    expect(unknown).toEqual(failure(1, /no connection nobody/u));
    expect(await victim.fence()).toEqual([]);
    expect(await sandbox.run(['kick', cid])).toEqual(success(''));
    expect(await victim.closed()).toEqual(['QUIT']);
  });

  it('mirror what clients send', async () => {
    const plain = sandbox.start(['monitor']);
    const json = sandbox.start(['monitor', '--json']);
    await plain.waitFor('stderr', /^monitoring\n/u);
    await json.waitFor('stderr', /^monitoring\n/u);
    await sandbox.run(['set', 'watched', 'x=1']);
    await plain.waitFor('stdout', /^unixdomainsocket:\S+=SET watched=x=1$/mu);
    await json.waitFor(
      'stdout',
      /^\{"source":"unixdomainsocket:[^"]+","line":"SET watched=x=1"\}$/mu,
    );
    expect(await plain.kill('SIGINT')).toMatchObject({ code: 130, stderr: 'monitoring\n' });
    expect(await json.kill('SIGTERM')).toMatchObject({ code: 143 });
  });
});

describe('a denied command', () => {
  it.each([
    ['reader', ['notify', 'x']],
    ['reader', ['set', 'x', '1']],
    ['reader', ['store', 'x', '1']],
    ['reader', ['remove', 'x']],
    ['reader', ['increment', 'x']],
    ['reader', ['decrement', 'x']],
    ['reader', ['clients']],
    ['reader', ['kick', 'x']],
    ['reader', ['monitor']],
    ['writer', ['retrieve', 'x']],
    ['writer', ['keys']],
    ['writer', ['listen', 'x']],
  ])('of the %s is an error: %j', async (name, args) => {
    const line = new RegExp(`permission_denied: ${name} may not use '${args[0] ?? ''}' at `, 'u');
    expect(await sandbox.run(args, as(name))).toEqual(failure(1, line));
  });
});

describe('the connection options', () => {
  it('lead over TLS by host, port, user, password file and certificate', async () => {
    await writeFile(sandbox.path('password'), 'adminpass\nsecond line\n');
    await writeFile(sandbox.path('ca.crt'), server.ca);
    const options = ['--host', 'localhost', '--port', String(server.port), '--user', 'admin'];
    const all = [...options, '--password-file', 'password', '--ca', 'ca.crt'];
    const env = { CLACKS_URL: '' };
    expect(await sandbox.run([...all, 'keys', 'none'], { env })).toEqual(success(''));
    expect(await sandbox.run(['keys', 'none', ...all], { env })).toEqual(success(''));
  });

  it('go before the environment, part by part', async () => {
    const other = { env: { CLACKS_URL: 'clacks://admin:adminpass@127.0.0.1:1' } };
    const port = ['--port', String(server.port), '--insecure'];
    expect(await sandbox.run([...port, 'keys', 'none'], other)).toEqual(success(''));
    await writeFile(sandbox.path('password'), 'adminpass\n');
    const socket = ['--socket', server.socketPath, '--password-file', 'password'];
    expect(await sandbox.run([...socket, 'keys', 'none'], other)).toEqual(success(''));
  });

  it.each([
    ['--socket', '/nowhere/s'],
    ['--host', 'elsewhere'],
    ['--url', 'clacks://elsewhere'],
  ])('never lend a password to another server: %s %s', async (...address) => {
    const env = { CLACKS_URL: 'clacks://admin:adminpass@127.0.0.1:1' };
    const result = await sandbox.run([...address, 'keys'], { env });
    expect(result).toEqual(failure(2, /No password for admin at .*--password-file/u));
  });

  it('never lend a password to another user', async () => {
    const result = await sandbox.run(['--user', 'reader', 'keys']);
    expect(result).toEqual(failure(2, /No password for reader at .*--password-file/u));
  });

  it.each([
    [['--url', 'clacks+unix://u:secret@/nowhere/s'], 1, /No server at \/nowhere\/s: .*ENOENT/u],
    [['--url', 'clacks://u:secret@127.0.0.1:1'], 1, /No server at 127\.0\.0\.1:1: .*ECONNREFUSED/u],
    [['--url', 'clacks://u:secret@host:x'], 2, /--url is no clacks URL/u],
    [['--socket', 's', '--port', '1'], 2, /--socket takes the place/u],
    [['--password-file', 'none'], 2, /--password-file none cannot be read/u],
    [['--url', 'clacks://127.0.0.1'], 2, /No user name for 127\.0\.0\.1:49888/u],
  ])('%j fail clearly', async (options, code, line) => {
    const result = await sandbox.run([...options, 'keys'], { env: { CLACKS_URL: '' } });
    expect(result).toEqual(failure(code as 1 | 2, line));
    expect(result.stderr).not.toContain('secret');
  });

  it('tell a wrong password, a wrong certificate and what is no clacks server', async () => {
    const tls = (login: string) => ({
      env: { CLACKS_URL: `clacks://${login}@127.0.0.1:${server.port}` },
    });
    const wrong = await sandbox.run(['--insecure', 'keys'], tls('admin:secret'));
    expect(wrong).toEqual(failure(1, /refuses the login of admin: wrong username or password/u));
    const untrusted = await sandbox.run(['keys'], tls('admin:adminpass'));
    expect(untrusted).toEqual(failure(1, /certificate of 127.* --ca or --fingerprint/u));
    const other = ['--fingerprint', 'AB'.repeat(32), 'keys'];
    expect(await sandbox.run(other, tls('admin:adminpass'))).toEqual(
      failure(1, /another fingerprint.*--fingerprint/u),
    );
    const none = await sandbox.run(['--fingerprint', 'AB', 'keys'], tls('admin:adminpass'));
    expect(none).toEqual(failure(2, /fingerprint is none: expected/u));
    await writeFile(sandbox.path('no.crt'), 'no certificate');
    const unusable = await sandbox.run(['--ca', 'no.crt', 'keys'], tls('admin:adminpass'));
    expect(unusable).toEqual(failure(2, /certificate no\.crt cannot be read/u));
    const missing = await sandbox.run(['--ca', 'none.crt', 'keys'], tls('admin:adminpass'));
    expect(missing).toEqual(failure(2, /certificate none\.crt cannot be read/u));
  });
});
