import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import type { TestServer } from '../../../../test/support/test-server.ts';
import { basic, startHttp } from './support.ts';

const rawConnection = async (server: TestServer): Promise<net.Socket> => {
  const socket = net.connect(server.server.httpAddress?.port ?? 0, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
};

describe('a connection', () => {
  const many = 40;

  it('that does not wait for answers is closed: what it asks for would be held meanwhile', async () => {
    let checks = 0;
    const authenticate = () => {
      checks++;
      return new Promise<undefined>(() => undefined);
    };
    await using server = await startHttp('', { authenticate });
    const socket = await rawConnection(server);
    const requests = Array.from({ length: many }, (_, index) => {
      const { authorization } = basic(`user${index}`);
      return `GET /metrics HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\n\r\n`;
    });
    let answer = '';
    socket.on('data', (data: Buffer) => {
      answer += data.toString('latin1');
    });
    // It may be reset, which is no error here.
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(requests.join(''));
    await closed;
    expect(answer).toBe('');
    expect(checks).toBeLessThanOrEqual(4);
  });

  it('that waits may ask as often as it likes', async () => {
    await using server = await startHttp();
    const socket = await rawConnection(server);
    for (let index = 0; index < many; index++) {
      socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(answer.toString('latin1')).toMatch(/^HTTP\/1.1 200 /u);
    }
    socket.destroy();
  });
});
