import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { TestLog } from '../../../../test/support/log.ts';
import { RawClient } from '../../../../test/support/raw-client.ts';
import type { TestServer } from '../../../../test/support/test-server.ts';
import { HttpClient, startHttp } from './support.ts';

/** Everything that comes until the other side closes. */
const untilClosed = async (socket: net.Socket): Promise<string> => {
  let text = '';
  socket.on('data', (data: Buffer) => {
    text += data.toString('latin1');
  });
  if (!socket.destroyed) await once(socket, 'close');
  return text;
};

describe('connections of one host', () => {
  const connect = async (server: TestServer, localAddress = '127.0.0.1'): Promise<net.Socket> => {
    const { port = 0 } = server.server.httpAddress ?? {};
    const socket = net.connect({ port, host: '127.0.0.1', localAddress });
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  const fill = (server: TestServer): Promise<net.Socket[]> =>
    Promise.all(Array.from({ length: 64 }, () => connect(server)));

  it('are 64 at most, so that others are served', async () => {
    const log = new TestLog();
    await using server = await startHttp('', { logger: log.logger });
    const sockets = await fill(server);
    expect(await untilClosed(await connect(server))).toBe('');
    expect(await log.next(/^connection refused: too many$/u)).toMatchObject({ host: '127.0.0.1' });
    const other = await connect(server, '127.0.0.2');
    other.write('GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    expect(await untilClosed(other)).toMatch(/^HTTP\/1\.1 200 /u);
    // One that goes makes room.
    for (const socket of sockets) socket.destroy();
    let status: number | undefined;
    while (status === undefined) {
      const reply = await new HttpClient(server).request('/healthz').catch(() => undefined);
      status = reply?.status;
    }
    expect(status).toBe(200);
  });

  it('are 64 at most over TLS as well, also while none has shown that it speaks that', async () => {
    await using server = await startHttp('', {}, '<http><port>0</port><tls>1</tls></http>');
    const sockets = await fill(server);
    expect(await untilClosed(await connect(server))).toBe('');
    sockets[0]?.destroy();
    let status: number | undefined;
    while (status === undefined) {
      const reply = await new HttpClient(server).request('/healthz').catch(() => undefined);
      status = reply?.status;
    }
    expect(status).toBe(200);
  });

  it('do not count once they are WebSockets', async () => {
    await using server = await startHttp('<websocket><http>1</http></websocket>');
    const client = await RawClient.webSocket(server);
    const sockets = await fill(server);
    sockets[63]?.write('GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    expect(await untilClosed(sockets[63] ?? new net.Socket())).toMatch(/^HTTP\/1\.1 200 /u);
    client.destroy();
  });
});
