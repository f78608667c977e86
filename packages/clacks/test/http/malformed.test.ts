import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { startHttp } from './support.ts';

describe('what no URL can be made of', () => {
  it.each(['GET / HTTP/1.1\r\nHost: a@b\r\n', 'GET /\\a@b HTTP/1.1\r\nHost: h\r\n'])(
    'is refused in JSON, with all headers: %j',
    async (head) => {
      await using server = await startHttp();
      const { port = 0 } = server.server.httpAddress ?? {};
      const socket = net.connect(port, '127.0.0.1', () => {
        socket.write(`${head}Connection: close\r\n\r\n`);
      });
      const answer = (await socket.toArray()).join('');
      expect(answer).toMatch(/^HTTP\/1\.1 400 /u);
      expect(answer).toContain('{"error":"bad_request"');
      expect(answer).toMatch(/^content-security-policy: default-src 'none'/mu);
    },
  );
});

describe('a request that says that it came over TLS', () => {
  it('gets no cookie for TLS when it did not', async () => {
    await using server = await startHttp();
    const { port = 0 } = server.server.httpAddress ?? {};
    const body = JSON.stringify({ username: 'admin', password: 'adminpass' });
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.write(
        `POST https://h/api/login HTTP/1.1\r\nHost: h\r\nX-Clacks: 1\r\nConnection: close\r\n` +
          `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    });
    const answer = (await socket.toArray()).join('');
    expect(answer).toMatch(/^set-cookie: clacks-\d+=/mu);
  });
});
