import { once } from 'node:events';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TestServer } from '../../../../test/support/test-server.ts';
import { basic, HttpClient, startHttp } from './support.ts';

const rawConnection = async (server: TestServer): Promise<net.Socket> => {
  const socket = net.connect(server.server.httpAddress?.port ?? 0, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
};

/** Everything that comes until the other side closes. */
const untilClosed = async (socket: net.Socket): Promise<string> => {
  let text = '';
  socket.on('data', (data: Buffer) => {
    text += data.toString('latin1');
  });
  if (!socket.destroyed) await once(socket, 'close');
  return text;
};

describe('a change', () => {
  const change = { method: 'DELETE', headers: {} };

  it.each([
    ['without the header that only pages of this server send', {}],
    ['from a page of another origin', { 'x-clacks': '1', origin: 'https://evil.example' }],
    ['from a page without an origin', { 'x-clacks': '1', origin: 'null' }],
    ['from a page of another site', { 'x-clacks': '1', 'sec-fetch-site': 'cross-site' }],
    ['from a page of the same site', { 'x-clacks': '1', 'sec-fetch-site': 'same-site' }],
  ])('%s is refused, whoever is logged in', async (_, headers: Record<string, string>) => {
    await using server = await startHttp();
    const client = await HttpClient.login(server);
    await client.change('PUT', '/api/cache/value', { name: 'a', value: '1' });
    const path = '/api/cache/value?name=a';
    const byCookie = await client.request(path, { ...change, headers });
    const byHeader = await client.request(path, {
      ...change,
      headers: { ...headers, ...basic('admin') },
    });
    for (const { status, text } of [byCookie, byHeader]) {
      expect(status).toBe(403);
      expect(JSON.parse(text)).toMatchObject({ error: 'foreign_origin' });
    }
    expect(await client.get(path)).toMatchObject({ value: '1' });
  });

  it('from a page of this server is done, behind a proxy with TLS as well', async () => {
    await using server = await startHttp();
    const client = await HttpClient.login(server);
    for (const scheme of ['http', 'https']) {
      const { host } = new URL(client.base);
      const headers = {
        'x-clacks': '1',
        origin: `${scheme}://${host}`,
        'sec-fetch-site': 'same-origin',
      };
      const reply = await client.request('/api/cache/value?name=a', { ...change, headers });
      expect(reply.status).toBe(200);
    }
  });

  it('gets no answer to the question of a browser whether another origin may do it', async () => {
    await using server = await startHttp();
    const reply = await new HttpClient(server).request('/api/login', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-headers': 'x-clacks' },
    });
    expect(reply.status).toBe(405);
    expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control'))).toEqual(
      [],
    );
  });
});

describe('every answer', () => {
  it.each(['/', '/healthz', '/metrics', '/api/session', '/api/nothing', '/nothing'])(
    'from %s says what a page may do, and is kept by nobody',
    async (path) => {
      await using server = await startHttp();
      const client = await HttpClient.login(server);
      for (const { headers } of [
        await client.request(path),
        await new HttpClient(server).request(path),
      ]) {
        expect(headers['content-security-policy']).toBe(
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
            "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; " +
            "form-action 'none'; frame-ancestors 'none'",
        );
        expect(headers).toMatchObject({
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
          'referrer-policy': 'no-referrer',
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-resource-policy': 'same-origin',
          'cache-control': 'no-store',
        });
        expect(headers['x-powered-by']).toBeUndefined();
      }
    },
  );

  it('has names and values of strangers in JSON only, never in HTML', async () => {
    await using server = await startHttp();
    const client = await HttpClient.login(server);
    const nasty = '<script>alert(1)</script>"&\'';
    const name = `x::${nasty}`;
    const reply = await client.change('PUT', '/api/cache/value', { name, value: nasty });
    expect(reply.status).toBe(200);
    const shown = await client.request(`/api/cache/value?name=${encodeURIComponent(name)}`);
    expect(shown.headers['content-type']).toBe('application/json');
    expect(JSON.parse(shown.text)).toMatchObject({ name, value: nasty });
    const missing = await client.request(`/${encodeURIComponent(nasty)}`);
    expect(missing.headers['content-type']).toBe('application/json');
    expect(missing.text).not.toContain('script');
  });
});

describe('a request', () => {
  it.each([
    ['PUT', '/healthz', 'GET, HEAD'],
    ['POST', '/metrics', 'GET, HEAD'],
    ['GET', '/api/login', 'POST'],
    ['PATCH', '/api/cache/value', 'GET, HEAD, PUT, DELETE'],
    ['TRACE', '/api/session', 'GET, HEAD'],
  ])('of the method %s to %s is told what would do', async (method, path, allow) => {
    await using server = await startHttp();
    const client = await HttpClient.login(server);
    const reply = await client.change(method, path);
    expect(reply.status).toBe(405);
    expect(reply.headers.allow).toBe(allow);
  });

  it.each([
    ['limit=0x10', 'limit'],
    ['limit=1001', 'limit'],
    ['offset=-1', 'offset'],
    ['sort=password', 'sort'],
    ['order=up', 'order'],
    [`filter=${'x'.repeat(5000)}`, 'filter'],
  ])('with ?%s is told what is wrong', async (query, key) => {
    await using server = await startHttp();
    const client = await HttpClient.login(server);
    const reply = await client.request(`/api/connections?${query}`);
    expect(reply.status).toBe(400);
    expect((JSON.parse(reply.text) as { message: string }).message).toMatch(
      new RegExp(`^${key}: `, 'u'),
    );
  });

  it('with a body that is too long is refused, before all of it has come', async () => {
    await using server = await startHttp();
    const client = await HttpClient.login(server);
    const { host } = new URL(client.base);
    const socket = await rawConnection(server);
    socket.write(
      `PUT /api/cache/value HTTP/1.1\r\nHost: ${host}\r\nCookie: ${client.cookie ?? ''}\r\n` +
        'X-Clacks: 1\r\nContent-Type: application/json\r\nConnection: close\r\n' +
        'Content-Length: 99999999\r\n\r\n{',
    );
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 413 /u);
  });

  it('with a body in pieces that is too long is refused as well', async () => {
    await using server = await startHttp();
    const client = await HttpClient.login(server);
    const value = 'x'.repeat(3 * 1024 * 1024);
    const response = await client.open(
      '/api/cache/value',
      {
        method: 'PUT',
        headers: {
          'transfer-encoding': 'chunked',
          'content-type': 'application/json',
          'x-clacks': '1',
          cookie: client.cookie ?? '',
        },
      },
      JSON.stringify({ name: 'a', value }),
    );
    response.resume();
    expect(response.statusCode).toBe(413);
    expect((await client.request('/api/cache/value?name=a')).status).toBe(404);
  });

  it('whose head is too long is refused', async () => {
    await using server = await startHttp();
    const socket = await rawConnection(server);
    socket.write(`GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 431 /u);
  });

  it('that does not end in time is ended, one that does not begin as well', async () => {
    await using server = await startHttp('<authtimeout>0.2</authtimeout>');
    const [begun, silent] = [await rawConnection(server), await rawConnection(server)];
    begun.write('GET /healthz HTTP/1.1\r\nHost: h\r\nX: ');
    expect(await untilClosed(begun)).toMatch(/^HTTP\/1\.1 408 /u);
    await untilClosed(silent);
    // Others are served.
    expect((await new HttpClient(server).request('/healthz')).status).toBe(200);
  });

  it('that makes no sense is refused, and the server goes on', async () => {
    await using server = await startHttp();
    for (const bytes of [
      'HELLO\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      'GET http:// HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n',
      'GET \\..\\ HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
    ]) {
      const socket = await rawConnection(server);
      socket.write(bytes);
      expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 400 /u);
    }
    expect((await new HttpClient(server).request('/healthz')).status).toBe(200);
  });

  it('for another protocol is refused where nobody speaks it', async () => {
    await using server = await startHttp();
    const socket = await rawConnection(server);
    socket.write(
      'GET /clacks HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 404 /u);
  });
});

describe('a connection for another protocol that nobody speaks', () => {
  it('is closed, also when the peer does not close its side', async () => {
    await using server = await startHttp();
    const { port = 0 } = server.server.httpAddress ?? {};
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    // Where nobody is any more, what is sent is answered with a reset, and writing fails then.
    const write = (): void => {
      if (!socket.destroyed) socket.write('x', () => setImmediate(write));
    };
    socket.on('end', write);
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => {
      socket.once('close', resolve);
    });
    socket.resume();
    socket.write('GET /none HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    await closed;
  });
});

describe('too many', () => {
  it('sessions of one user end the one that was used longest ago', async () => {
    await using server = await startHttp();
    const first = await HttpClient.login(server, 'reader');
    const second = await HttpClient.login(server, 'reader');
    for (let more = 0; more < 14; more++) await HttpClient.login(server, 'reader');
    expect(await first.get('/api/session')).toMatchObject({ username: 'reader' });
    await HttpClient.login(server, 'reader');
    expect(await second.get('/api/session')).toEqual({ username: null, isForgotten: false });
    expect(await first.get('/api/session')).toMatchObject({ username: 'reader' });
  });

  it('streams of one session are refused', async () => {
    await using server = await startHttp();
    const client = await HttpClient.login(server);
    const headers = { cookie: client.cookie ?? '' };
    const streams = await Promise.all(
      Array.from({ length: 8 }, () => client.open('/api/stream?topics=overview', { headers })),
    );
    expect((await client.request('/api/stream?topics=overview')).status).toBe(429);
    for (const stream of streams) stream.destroy();
    // They are free again when the server has seen that nobody reads them.
    let status = 429;
    while (status === 429) {
      const stream = await client.open('/api/stream?topics=overview', { headers });
      status = stream.statusCode ?? 0;
      stream.destroy();
    }
    expect(status).toBe(200);
  });
});

describe('the page', () => {
  it('is missing: then it says where the API is', async () => {
    await using server = await startHttp('', { dashboard: '/nonexistent' });
    const reply = await new HttpClient(server).request('/');
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toMatch(/^text\/plain/u);
    expect(reply.text).toContain('/api');
  });

  it('is served with its types, and named files for ever; nothing outside of it is', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'clacks-page-'));
    await mkdir(path.join(directory, 'page', 'assets'), { recursive: true });
    await writeFile(path.join(directory, 'secret.txt'), 'secret');
    await writeFile(path.join(directory, 'page', 'index.html'), '<!doctype html><title>x</title>');
    await writeFile(path.join(directory, 'page', 'assets', 'main-B1c2D3e4.js'), 'export {};');
    await using server = await startHttp('', { dashboard: path.join(directory, 'page') });
    const client = new HttpClient(server);
    const index = await client.request('/');
    expect(index.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
    });
    const { etag = '' } = index.headers;
    const known = await client.request('/index.html', { headers: { 'if-none-match': etag } });
    expect(known).toMatchObject({ status: 304, text: '' });
    const script = await client.request('/assets/main-B1c2D3e4.js');
    expect(script.text).toBe('export {};');
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    for (const outside of ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets']) {
      const socket = await rawConnection(server);
      socket.write(`GET ${outside} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
      expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 404 /u);
    }
    await rm(directory, { recursive: true });
  });
});
