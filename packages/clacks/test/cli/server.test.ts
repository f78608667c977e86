import { readFile, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import tls from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../src/cli/certificate.ts';
import { Sandbox, failure, success } from './sandbox.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.create();
});
afterEach(() => sandbox[Symbol.asyncDispose]());

const directory = ['.config', 'clacks', 'server'];
const listening = /^Listening on 127\.0\.0\.1:(\d+) \(TLS\)$/mu;

const modeOf = async (...parts: string[]): Promise<string> =>
  ((await stat(sandbox.path(...parts))).mode & 0o777).toString(8);

const config = (content: string): string =>
  `<clacks><username>u</username><password>secret</password>${content}</clacks>`;

describe('clacks server without a configuration', () => {
  it('makes what it needs on first use, and uses it again', async () => {
    const first = sandbox.start(['server', '--port', '0']);
    await first.waitFor('stdout', listening);
    const [, password = ''] = await first.waitFor('stdout', /^User clacks, password (\S{32}) /mu);
    expect(await modeOf(...directory)).toBe('700');
    for (const file of ['clacks.xml', 'server.key', 'password', 'connection.json']) {
      expect(await modeOf(...directory, file)).toBe('600');
    }
    const certificate = await readFile(sandbox.path(...directory, 'server.crt'), 'utf8');
    expect(await first.kill('SIGTERM')).toMatchObject({ code: 0 });

    const second = sandbox.start(['server', '--port', '0']);
    const [, port] = await second.waitFor('stdout', listening);
    const [, http] = await second.waitFor('stdout', /^Admin HTTP on (\S+)$/mu);
    expect(second.stdout).not.toContain('password');
    expect(await readFile(sandbox.path(...directory, 'server.crt'), 'utf8')).toBe(certificate);
    const text = await readFile(sandbox.path(...directory, 'connection.json'), 'utf8');
    expect(JSON.parse(text)).toEqual({
      url: `clacks://clacks:${password}@127.0.0.1:${port ?? ''}`,
      http,
      ca: sandbox.path(...directory, 'server.crt'),
    });
    expect(await second.kill('SIGINT')).toMatchObject({ code: 0 });
  });

  it('is found by the other commands, which verify it', async () => {
    const server = sandbox.start(['server', '--port', '0']);
    const [, port] = await server.waitFor('stdout', listening);
    expect(await sandbox.run(['store', 'a', '1'])).toEqual(success(''));
    expect(await sandbox.run(['retrieve', 'a'])).toEqual(success('1\n'));
    // Another certificate on the same port is not believed.
    const file = sandbox.path(...directory, 'server.crt');
    await writeFile(file, (await makeCertificate(['127.0.0.1'], 1)).certificate);
    const line = new RegExp(`certificate of 127\\.0\\.0\\.1:${port ?? ''} is not the`, 'u');
    expect(await sandbox.run(['retrieve', 'a'])).toEqual(failure(1, line));
    await server.kill('SIGTERM');
    const gone = await sandbox.run(['retrieve', 'a']);
    expect(gone).toEqual(failure(1, /No server at .*connection\.json.*'clacks server'/u));
    expect(server.stderr).not.toContain('secret');
  });

  it('tells when the other commands use another server', async () => {
    await sandbox.run(['init', 'other', '--use']);
    const server = sandbox.start(['server', '--port', '0']);
    await server.waitFor('stdout', listening);
    await server.waitFor('stderr', /^note: the other commands use the server that \S+ names/mu);
  });

  it('has its WebSocket on any free port as well, if it has a port of its own', async () => {
    await sandbox.run(['init', sandbox.path(...directory)]);
    const file = sandbox.path(...directory, 'clacks.xml');
    const text = await readFile(file, 'utf8');
    await writeFile(
      file,
      text.replace('</clacks>', '<websocket><ip>127.0.0.1</ip></websocket></clacks>'),
    );
    const usual = net.createServer();
    await new Promise<void>((resolve, reject) => {
      usual.once('error', reject);
      usual.listen(49_887, '127.0.0.1', resolve);
    });
    const server = sandbox.start(['server', '--port', '0']);
    await server.waitFor(
      'stdout',
      /^Listening on wss:\/\/127\.0\.0\.1:\d+\/clacks \(WebSocket\)$/mu,
    );
    server.child.kill('SIGHUP');
    await server.waitFor('stderr', /"msg":"reloaded"/u);
    expect(server.stderr).not.toContain('needsRestart');
    usual.close();
  });

  it('replaces a certificate that has run out', async () => {
    await sandbox.run(['init', sandbox.path(...directory)]);
    const old = await makeCertificate(['localhost'], -1);
    await writeFile(sandbox.path(...directory, 'server.crt'), old.certificate);
    await writeFile(sandbox.path(...directory, 'server.key'), old.key);
    const server = sandbox.start(['server', '--port', '0']);
    const [, port] = await server.waitFor('stdout', listening);
    const ca = await readFile(sandbox.path(...directory, 'server.crt'));
    const socket = tls.connect({ host: '127.0.0.1', port: Number(port), ca });
    await new Promise((resolve) => socket.once('data', resolve));
    expect(socket.authorized).toBe(true);
    socket.destroy();
  });

  it('says so when the port is in use', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as net.AddressInfo;
    await sandbox.run(['init', sandbox.path(...directory)]);
    const result = await sandbox.run(['server', '--port', String(port)]);
    expect(result).toEqual(
      failure(1, new RegExp(`127\\.0\\.0\\.1 port ${port}: another process`, 'u')),
    );
    other.close();
  });

  it('keeps its files where XDG_CONFIG_HOME says', async () => {
    const server = sandbox.start(['server', '--port', '0'], {
      XDG_CONFIG_HOME: sandbox.path('xdg'),
    });
    await server.waitFor('stdout', listening);
    expect(await modeOf('xdg', 'clacks', 'server', 'server.key')).toBe('600');
  });
});

describe('clacks server with a configuration', () => {
  it('runs the configuration, logs JSON, and ends at SIGTERM with leave taken', async () => {
    await writeFile(sandbox.path('c.xml'), config('<appname>My node</appname><socket>s</socket>'));
    const server = sandbox.start(['server', 'c.xml', '--debug']);
    await server.waitFor('stdout', /^Listening on .*\/s \(unix socket\)\n/u);
    const socket = net.connect(sandbox.path('s'));
    let received = '';
    socket.setEncoding('utf8').on('data', (text: string) => (received += text));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => socket.once('data', resolve));
    const { code, stderr } = await server.kill('SIGTERM');
    await closed;
    expect(code).toBe(0);
    expect(received).toMatch(/\r\nQUIT\r\n$/u);
    const log = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(log).toContainEqual(expect.objectContaining({ name: 'My node', msg: 'listening' }));
    expect(log.at(-1)).toMatchObject({ msg: 'stopped' });
    await expect(stat(sandbox.path('s'))).rejects.toThrow('ENOENT');
  });

  it('ends at once at a second signal, even if a client does not let go', async () => {
    await writeFile(sandbox.path('c.xml'), config('<socket>s</socket>'));
    const server = sandbox.start(['server', 'c.xml']);
    await server.waitFor('stdout', /^Listening/u);
    const socket = net.connect({ path: sandbox.path('s'), allowHalfOpen: true });
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('data', resolve));
    server.child.kill('SIGTERM');
    await new Promise((resolve) => socket.once('end', resolve));
    // Signals that follow the first one closely are that one again.
    const again = setInterval(() => server.child.kill('SIGTERM'), 20);
    expect(await server.ended).toMatchObject({ code: 143 });
    clearInterval(again);
    socket.destroy();
  });

  it('ends well when a client with the permission asks for it', async () => {
    await writeFile(sandbox.path('c.xml'), config('<socket>s</socket>'));
    const server = sandbox.start(['server', 'c.xml']);
    await server.waitFor('stdout', /^Listening/u);
    const env = { CLACKS_URL: `clacks+unix://u:secret@${sandbox.path('s')}` };
    await sandbox.run(['shell'], { input: 'OVERHEAD S 0.01\n', env });
    expect(await server.ended).toMatchObject({ code: 0 });
  });

  it.each([
    ['a missing file', undefined, /there is no such configuration/u],
    ['broken XML', '<clacks><ip>', /c\.xml:1: /u],
    ['an unknown key', config('<socket>s</socket><prot>1</prot>'), /prot: .*port/u],
    ['a bad number', config('<socket>s</socket><port>x</port>'), /port: expected a whole number/u],
    ['a missing certificate', config('<ip>127.0.0.1</ip>'), /clacks cert/u],
    [
      'a certificate file that is none',
      config('<ip>127.0.0.1</ip><port>0</port><ssl><cert>c.xml</cert><key>c.xml</key></ssl>'),
      /no certificate and key/u,
    ],
  ])('%s is told in one line, exit code 2', async (_, text, line) => {
    if (text !== undefined) await writeFile(sandbox.path('c.xml'), text, { mode: 0o600 });
    const result = await sandbox.run(['server', 'c.xml']);
    expect(result).toEqual(failure(2, line));
    expect(result.stderr).not.toContain('secret');
  });

  it('refuses --port, which the configuration decides about', async () => {
    const result = await sandbox.run(['server', 'c.xml', '--port', '0']);
    expect(result).toEqual(failure(2, /change <port> in c\.xml/u));
  });

  it('shows where an error came from with --debug', async () => {
    const { stderr } = await sandbox.run(['server', 'none.xml', '--debug']);
    expect(stderr).toMatch(/\n {4}at /u);
  });
});
