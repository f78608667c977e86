import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { Server } from 'clacks';
import type { Permissions, ServerConfigInput } from 'clacks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../../test/support/certificate.ts';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { TestServer } from '../../../../test/support/test-server.ts';

let directory: string;
const file = (name: string): string => path.join(directory, name);
const users = [{ username: 'admin', password: 'adminpass' }];
const everything: Permissions = { read: true, write: true, manage: true, interclacks: true };

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const unixServer = (more: Partial<ServerConfigInput> = {}): Server =>
  new Server({ config: { sockets: [file('a.sock')], users, ...more } });

const loginOn = async (socketPath: string): Promise<RawClient> => {
  const socket = net.connect(socketPath);
  await once(socket, 'connect');
  const client = new RawClient(socket);
  await client.login();
  return client;
};

describe('a server', () => {
  it('listens on several addresses and sockets at once, and tells where', async () => {
    const { cert, key } = await makeCertificate();
    await writeFile(file('c.crt'), cert);
    await writeFile(file('c.key'), key);
    await using server = new Server({
      config: {
        ips: ['127.0.0.1', '::1'],
        port: 0,
        sockets: [file('a.sock'), file('b.sock')],
        tls: { certFile: file('c.crt'), keyFile: file('c.key') },
        users,
      },
    });
    await server.start();
    expect(server.address.map((address) => address.transport)).toEqual([
      'tls',
      'tls',
      'unix',
      'unix',
    ]);
    for (const address of server.address) {
      const socket =
        address.transport === 'unix'
          ? net.connect(address.path)
          : tls.connect({ host: address.host, port: address.port, ca: cert });
      const client = new RawClient(socket);
      await client.login();
      expect(await client.fence()).toEqual([]);
      client.destroy();
    }
  });

  it('takes leave of every connection when it stops, and removes its socket', async () => {
    const server = unixServer();
    await server.start();
    const client = await loginOn(file('a.sock'));
    await Promise.all([server.stop(), server.stop(), server.stopped]);
    expect(await client.closed()).toEqual(['QUIT']);
    expect(server.address).toEqual([]);
    await expect(stat(file('a.sock'))).rejects.toThrow('ENOENT');
  });

  it('can be stopped while it starts, and before', async () => {
    const server = unixServer();
    const started = server.start();
    await server.stop();
    await started;
    expect(server.address).toEqual([]);
    await unixServer().stop();
  });

  it('is started once', async () => {
    await using server = unixServer();
    await server.start();
    await expect(server.start()).rejects.toMatchObject({ code: 'CLACKS_ERR_SERVER_STATE' });
  });

  it('stops although somebody hangs in a TLS handshake', async () => {
    const server = await TestServer.start();
    const socket = net.connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    await server[Symbol.asyncDispose]();
    await closed;
  });

  it('stops when a manager says so', async () => {
    const server = unixServer();
    await server.start();
    const client = await loginOn(file('a.sock'));
    client.send('OVERHEAD S 0.1');
    expect(await client.closed()).toEqual(['QUIT']);
    await server.stopped;
  });

  it('frees its addresses, so that the next one can have them', async () => {
    for (let round = 0; round < 2; round++) {
      await using server = unixServer();
      await server.start();
      await loginOn(file('a.sock'));
    }
  });
});

describe('a socket path', () => {
  it('that a killed server left is taken over', async () => {
    const script = `require('node:net').createServer().listen(${JSON.stringify(file('a.sock'))},
      () => process.kill(process.pid, 'SIGKILL'))`;
    await once(spawn(process.execPath, ['-e', script]), 'exit');
    expect((await stat(file('a.sock'))).isSocket()).toBe(true);
    await using server = unixServer();
    await server.start();
    const client = await loginOn(file('a.sock'));
    expect(await client.fence()).toEqual([]);
  });

  it('on which another server answers is not taken over', async () => {
    await using first = unixServer();
    await first.start();
    await expect(unixServer().start()).rejects.toMatchObject({
      code: 'CLACKS_ERR_LISTEN',
      message: expect.stringContaining(`${file('a.sock')}: another process is listening`) as string,
    });
    const client = await loginOn(file('a.sock'));
    expect(await client.fence()).toEqual([]);
  });

  it('of a server that is too busy to answer is not taken over', async () => {
    // One connection fills the queue of a process that accepts none.
    const script = `
      import socket, sys, time
      server = socket.socket(socket.AF_UNIX)
      server.bind(sys.argv[1])
      server.listen(0)
      clients = []
      try:
          while True:
              client = socket.socket(socket.AF_UNIX)
              client.setblocking(False)
              client.connect(sys.argv[1])
              clients.append(client)
      except BlockingIOError:
          print('full', flush=True)
      sys.stdin.read()
    `.replaceAll(/^ {6}/gmu, '');
    const busy = spawn('python3', ['-c', script, file('a.sock')]);
    await once(busy.stdout, 'data');
    await expect(unixServer().start()).rejects.toThrow('another process is listening there');
    expect((await stat(file('a.sock'))).isSocket()).toBe(true);
    busy.stdin.end();
    await once(busy, 'exit');
  });

  it('that is a file is left alone', async () => {
    await writeFile(file('a.sock'), 'precious');
    await expect(unixServer().start()).rejects.toThrow('a file that is no socket is in the way');
    expect((await stat(file('a.sock'))).size).toBe('precious'.length);
  });

  it('in a directory that is not there, or too long, is an error with advice', async () => {
    const nowhere = unixServer({ sockets: [file('none/a.sock')] });
    await expect(nowhere.start()).rejects.toThrow('the directory does not exist; create it');
    const long = unixServer({ sockets: [file('x'.repeat(120))] });
    await expect(long.start()).rejects.toMatchObject({ code: 'CLACKS_ERR_LISTEN' });
  });

  it('gets the mode of the configuration, and its commands are run', async () => {
    await using server = unixServer({
      socketMode: 0o660,
      socketCommands: [`touch ${file('command-was-run')}`],
    });
    await server.start();
    expect((await stat(file('a.sock'))).mode & 0o777).toBe(0o660);
    expect((await stat(file('command-was-run'))).isFile()).toBe(true);
  });

  it('is free again when a command fails, and the error names it', async () => {
    const server = unixServer({ socketCommands: ['exit 3'] });
    await expect(server.start()).rejects.toMatchObject({
      code: 'CLACKS_ERR_CONFIG',
      key: 'socketcommands',
    });
    await using next = unixServer();
    await next.start();
  });
});

describe('TLS', () => {
  it('on a port that is taken is an error with advice', async () => {
    await using first = await TestServer.start();
    const config = {
      ips: ['127.0.0.1'],
      port: first.port,
      tls: {
        certFile: path.join(first.directory, 'server.crt'),
        keyFile: path.join(first.directory, 'server.key'),
      },
      users,
    };
    await expect(new Server({ config }).start()).rejects.toMatchObject({
      code: 'CLACKS_ERR_LISTEN',
      message: expect.stringContaining(`port ${first.port}: another process`) as string,
    });
  });

  it('with a key of another certificate is an error that names both files', async () => {
    await writeFile(file('c.crt'), (await makeCertificate()).cert);
    await writeFile(file('c.key'), (await makeCertificate()).key);
    const tlsFiles = { certFile: file('c.crt'), keyFile: file('c.key') };
    const server = new Server({ config: { ips: ['127.0.0.1'], port: 0, tls: tlsFiles, users } });
    await expect(server.start()).rejects.toMatchObject({
      code: 'CLACKS_ERR_CONFIG',
      message: expect.stringMatching(/c\.crt and .*c\.key .*clacks cert/u) as string,
    });
  });

  it('asks for a client certificate when the configuration says who signs them', async () => {
    const [{ cert, key }, client, stranger] = [
      await makeCertificate(),
      await makeCertificate('sensor'),
      await makeCertificate('sensor'),
    ];
    await writeFile(file('c.crt'), cert);
    await writeFile(file('c.key'), key);
    await writeFile(file('ca.crt'), client.cert);
    const seen: (string | undefined)[] = [];
    await using server = new Server({
      config: {
        ips: ['127.0.0.1'],
        port: 0,
        tls: { certFile: file('c.crt'), keyFile: file('c.key'), caFile: file('ca.crt') },
        users,
      },
      authenticate: (_username, _password, { certificateSubject }) => {
        seen.push(certificateSubject);
        return everything;
      },
    });
    await server.start();
    const [address] = server.address;
    const port = address?.transport === 'tls' ? address.port : 0;
    const options = { host: '127.0.0.1', port, ca: cert };
    const known = new RawClient(tls.connect({ ...options, ...client }));
    await known.login();
    expect(seen).toEqual(['CN=sensor']);
    for (const shown of [{}, stranger]) {
      const refused = new RawClient(tls.connect({ ...options, ...shown }));
      expect(await refused.closed()).toEqual([]);
    }
  });
});

describe('a configuration file', () => {
  it('that this user may not read, or that is not there, is named in the error', async () => {
    const missing = new Server({ config: file('none.xml') });
    await expect(missing.start()).rejects.toMatchObject({
      code: 'CLACKS_ERR_CONFIG',
      message: expect.stringContaining('none.xml') as string,
    });
    await writeFile(file('empty.xml'), '');
    await chmod(file('empty.xml'), 0o600);
    await expect(new Server({ config: file('empty.xml') }).start()).rejects.toMatchObject({
      code: 'CLACKS_ERR_CONFIG',
    });
  });
});
