import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { connect } from '@clacks/client';
import type { ConnectOptions } from '@clacks/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../test/support/certificate.ts';
import { TestServer } from '../../../test/support/test-server.ts';
import { connectTo, login, withCode } from './support/clients.ts';
import { ScriptedServer } from './support/scripted-server.ts';
import type { ScriptedServerOptions } from './support/scripted-server.ts';

describe('connecting over TLS', () => {
  let server: TestServer;
  let options: ConnectOptions;

  beforeAll(async () => {
    server = await TestServer.start();
    const { port } = server;
    options = { port, username: 'admin', password: 'adminpass' };
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const succeeds = async (tls: ConnectOptions['tls'], host = '127.0.0.1'): Promise<void> => {
    const client = await connect({ ...options, host, ...(tls && { tls }) });
    expect(client.serverInfo).toMatch(/^clacks-ts /u);
    await client.close();
  };
  const fails = async (tls: ConnectOptions['tls'], code: string): Promise<void> => {
    await expect(connect({ ...options, ...(tls && { tls }) })).rejects.toEqual(withCode(code));
  };

  it('takes a certificate that the given authority signed', async () => {
    await succeeds({ ca: server.ca });
    await succeeds({ ca: [Buffer.from(server.ca)] }, 'localhost');
  });

  it('takes the certificate with the given fingerprint, with or without colons', async () => {
    const { fingerprint256 } = new X509Certificate(server.ca);
    await succeeds({ fingerprint: fingerprint256 });
    await succeeds({ fingerprint: fingerprint256.replaceAll(':', '').toLowerCase() });
  });

  it('takes any certificate when told to be insecure', () => succeeds({ insecure: true }));

  it('refuses a certificate that nobody vouches for', async () => {
    await fails(undefined, 'CLACKS_ERR_CERTIFICATE');
    const { cert } = await makeCertificate();
    await fails({ ca: cert }, 'CLACKS_ERR_CERTIFICATE');
    await fails({ ca: 'no certificate' }, 'CLACKS_ERR_CERTIFICATE');
    await fails({ fingerprint: '00'.repeat(32) }, 'CLACKS_ERR_CERTIFICATE');
  });

  it('refuses a certificate that is for another name', async () => {
    await fails({ ca: server.ca, servername: 'example.com' }, 'CLACKS_ERR_CERTIFICATE');
  });

  it('a wrong password is told at once, and is not part of the message', async () => {
    const error: unknown = await connectTo(server, { password: 'secret-typo' }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toEqual(withCode('CLACKS_ERR_LOGIN_FAILED'));
    expect(String(error)).not.toContain('secret-typo');
  });

  it('options that are wrong are a TypeError', async () => {
    const wrong: Partial<ConnectOptions>[] = [
      { path: undefined as never, port: 0 },
      { host: 'localhost' },
      { path: undefined as never, tls: { fingerprint: 'aa:bb' } },
      { username: undefined as never },
      { name: 'a\r\nQUIT' },
      { remember: 'a\nQUIT' },
      { remember: ['a\rQUIT'] },
      { requestTimeoutMs: 0 },
      { idleTimeoutMs: NaN },
      { connectTimeoutMs: 2 ** 31 },
      { pingIntervalMs: -1 },
      { reconnect: { initialDelayMs: 0 } },
      { reconnect: { maxDelayMs: NaN } },
      { outboxBytes: NaN },
      { offlineQueueBytes: -1 },
    ];
    for (const each of wrong) {
      const { path, ...rest } = login(server, each);
      const all = 'path' in each ? rest : { ...rest, path: path ?? '' };
      await expect(connect(all), JSON.stringify(each)).rejects.toThrow(TypeError);
    }
  });
});

describe('connecting to something else', () => {
  const failsWith = async (
    options: ScriptedServerOptions,
    code: string,
    more: Partial<ConnectOptions> = {},
  ): Promise<ScriptedServer> => {
    await using server = await ScriptedServer.start(options);
    const { cert } = server.certificate;
    const target = { port: server.port, tls: { ca: cert }, username: 'admin', password: 'secret' };
    await expect(connect({ ...target, ...more })).rejects.toEqual(withCode(code));
    const { socket } = await server.peer(0);
    if (!socket.destroyed) await once(socket.resume(), 'close');
    expect(server.peers).toHaveLength(1);
    return server;
  };

  it.each(['SSH-2.0-OpenSSH_9.6\r\n', 'HTTP/1.1 400 Bad Request\r\n\r\n', '220 mail ESMTP\r\n'])(
    'a server that greets with %j is no clacks server, and is not told the password',
    async (greeting) => {
      const server = await failsWith({ greeting }, 'CLACKS_ERR_NOT_CLACKS');
      const { received } = await server.peer(0);
      expect(received.filter((line) => line !== 'CLACKS clacks-ts client')).toEqual([]);
    },
  );

  it('a server that greets only when something has come in is a clacks server', async () => {
    await using server = await ScriptedServer.start({ greetsLate: true });
    const client = await connect({
      path: server.socketPath,
      username: 'admin',
      password: 'adminpass',
    });
    expect(client.serverInfo).toBe('scripted 1.0');
    await client.close();
  });

  it('a server that says nothing is given up in time', async () => {
    await failsWith({ greeting: '' }, 'CLACKS_ERR_TIMEOUT', { connectTimeoutMs: 100 });
  });

  it('a server that never answers the login is given up in time', async () => {
    const options = { connectTimeoutMs: 100, password: 'adminpass' };
    await failsWith({ welcome: '' }, 'CLACKS_ERR_TIMEOUT', options);
  });

  it('a plain server where TLS is expected is no clacks server', async () => {
    const plain = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume().write('CLACKS plain\r\n');
    });
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const { port } = plain.address() as net.AddressInfo;
    const target = { port, username: 'admin', password: 'adminpass' };
    await expect(connect(target)).rejects.toEqual(withCode('CLACKS_ERR_NOT_CLACKS'));
    plain.close();
    await once(plain, 'close');
    await expect(connect(target)).rejects.toEqual(withCode('CLACKS_ERR_UNREACHABLE'));
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'a server that wants a certificate of ours, over %s, says so',
    async (version) => {
      const { cert, key } = await makeCertificate();
      const options = { cert, key, ca: cert, requestCert: true, rejectUnauthorized: true };
      const strict = tls.createServer({ ...options, minVersion: version, maxVersion: version });
      strict.on('secureConnection', (socket) => {
        socket.on('error', () => undefined);
        socket.write('CLACKS strict\r\nOVERHEAD O Welcome!\r\n');
      });
      strict.listen(0, '127.0.0.1');
      await once(strict, 'listening');
      const { port } = strict.address() as net.AddressInfo;
      const login = { port, username: 'admin', password: 'adminpass' };
      await expect(connect({ ...login, tls: { ca: cert } })).rejects.toEqual(
        withCode('CLACKS_ERR_CERTIFICATE'),
      );
      await expect(connect({ ...login, tls: { ca: cert, cert: 'none', key } })).rejects.toEqual(
        withCode('CLACKS_ERR_CERTIFICATE'),
      );
      const client = await connect({ ...login, tls: { ca: cert, cert, key } });
      client.destroy();
      strict.close();
    },
  );

  it('a server that closes before the login is done is a lost connection', async () => {
    await using server = await ScriptedServer.start({ welcome: '' });
    const connecting = connectTo(server);
    const peer = await server.peer(0);
    peer.socket.end();
    await expect(connecting).rejects.toEqual(withCode('CLACKS_ERR_CONNECTION_LOST'));
  });

  it('a socket that is not there is unreachable', async () => {
    const missing = { socketPath: '/nonexistent/clacks.sock' };
    await expect(connectTo(missing)).rejects.toEqual(withCode('CLACKS_ERR_UNREACHABLE'));
  });

  it('waits for a server that is not there yet, if told to', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
    const socketPath = path.join(directory, 'clacks.sock');
    const reconnect = { initialDelayMs: 1, maxDelayMs: 5 };
    const options = { path: socketPath, username: 'admin', password: 'adminpass', reconnect };
    const controller = new AbortController();
    const { signal } = controller;
    const given = connect({ ...options, waitForServer: true, signal });
    const waiting = connect({ ...options, waitForServer: true });
    await expect(connect(options)).rejects.toEqual(withCode('CLACKS_ERR_UNREACHABLE'));
    controller.abort();
    await expect(given).rejects.toEqual(withCode('CLACKS_ERR_ABORTED'));
    const late = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('CLACKS late\r\nOVERHEAD O Welcome!\r\n');
    });
    late.listen(socketPath);
    const client = await waiting;
    expect(client.connected).toBe(true);
    client.destroy();
    late.close();
    await rm(directory, { recursive: true });
  });

  it('connecting can be given up, before and while it happens', async () => {
    await using server = await ScriptedServer.start({ greeting: '' });
    const aborted = withCode('CLACKS_ERR_ABORTED');
    await expect(connectTo(server, { signal: AbortSignal.abort() })).rejects.toEqual(aborted);
    const controller = new AbortController();
    const connecting = connectTo(server, { signal: controller.signal });
    const peer = await server.peer(0);
    controller.abort();
    await expect(connecting).rejects.toEqual(aborted);
    await peer.closed();
  });

  it('aborting after the login does nothing', async () => {
    await using server = await ScriptedServer.start();
    const controller = new AbortController();
    const client = await connectTo(server, { signal: controller.signal });
    controller.abort();
    await client.flush();
    expect(client.connected).toBe(true);
    client.destroy();
  });

  it('names are sent as UTF-8, both ways', async () => {
    await using server = await ScriptedServer.start({ greeting: 'CLACKS KÃ¤se\r\n' });
    const client = await connectTo(server, { name: 'Käse' });
    expect(client.serverInfo).toBe('Käse');
    expect((await server.peer(0)).received[0]).toBe('CLACKS KÃ¤se');
    client.destroy();
  });
});
