import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { ApiConnection, ApiPage } from '../../src/http/api-types.ts';
import type { TestServerOptions } from '../../../../test/support/test-server.ts';
import { HttpClient, startHttp } from './support.ts';

const trusting = '<http><port>0</port><trustproxy>1</trustproxy></http>';
const start = (http = trusting, options: TestServerOptions = {}) => startHttp('', options, http);

const forwarded = { 'x-forwarded-for': '203.0.113.9, 198.51.100.7', 'x-forwarded-proto': 'https' };

/** Logs in as a proxy passes it on. */
const loginWith = async (client: HttpClient, headers: Readonly<Record<string, string>>) => {
  const { headers: got } = await client.request('/api/login', {
    method: 'POST',
    headers: { 'x-clacks': '1', ...headers },
    body: { username: 'admin', password: 'adminpass' },
  });
  const { items } = await client.get<ApiPage<ApiConnection>>('/api/connections', headers);
  return { cookie: got['set-cookie']?.[0] ?? '', address: items[0]?.address };
};

describe('a proxy on the same machine that is trusted', () => {
  it('says who asks, and that it is over TLS: so the cookie is for TLS only', async () => {
    await using server = await start();
    const { cookie, address } = await loginWith(new HttpClient(server), forwarded);
    expect(cookie).toMatch(/^__Host-clacks-\d+=[\w.-]{56}; Path=\/; HttpOnly; Secure;/u);
    expect(address).toBe('198.51.100.7');
    const plain = { 'x-forwarded-for': '2001:db8::7', 'x-forwarded-proto': 'http' };
    const other = await loginWith(new HttpClient(server), plain);
    expect(other.cookie).toMatch(/^clacks-\d+=[\w.-]{56}; Path=\/; HttpOnly; SameSite=Strict$/u);
  });

  it.each([
    ['nothing', {}],
    ['nonsense', { 'x-forwarded-for': '198.51.100.7, <b>me</b>', 'x-forwarded-proto': 'tls' }],
  ])('says %s: then it counts itself', async (_, headers: Readonly<Record<string, string>>) => {
    await using server = await start();
    const { cookie, address } = await loginWith(new HttpClient(server), headers);
    expect(address).toBe('127.0.0.1');
    expect(cookie).not.toContain('Secure');
  });

  it('does not have all who come through it slowed down for one whose logins fail', async () => {
    const asked: string[] = [];
    const authenticate = (_: string, password: string, { host }: { readonly host: string }) => {
      if (password !== 'wrong') asked.push(host);
      return undefined;
    };
    await using server = await start(trusting, { authenticate });
    const client = new HttpClient(server);
    const login = (address: string, password: string) =>
      client.request('/api/login', {
        method: 'POST',
        headers: { 'x-clacks': '1', 'x-forwarded-for': address },
        body: { username: 'admin', password },
      });
    for (let failures = 0; failures < 12; failures++) await login('198.51.100.7', 'wrong');
    const slow = login('198.51.100.7', 'other');
    await client.request('/healthz');
    await login('198.51.100.8', 'other');
    await slow;
    expect(asked).toEqual(['198.51.100.8', '198.51.100.7']);
  });

  it('may have more connections than one host', async () => {
    await using server = await start();
    const client = new HttpClient(server);
    const streams = await Promise.all(
      Array.from({ length: 100 }, () =>
        client.open('/healthz', { headers: { connection: 'keep-alive' } }),
      ),
    );
    expect(streams.map(({ statusCode }) => statusCode)).toEqual(Array(100).fill(200));
    for (const stream of streams) stream.destroy();
  });
});

describe('what is said of who asks', () => {
  it('counts for nothing unless a proxy is trusted', async () => {
    await using server = await startHttp();
    const { cookie, address } = await loginWith(new HttpClient(server), forwarded);
    expect(address).toBe('127.0.0.1');
    expect(cookie).not.toContain('Secure');
  });

  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

  it.skipIf(outside === undefined)('counts for nothing from another machine', async () => {
    await using server = await start();
    const client = new HttpClient(server);
    client.localAddress = outside;
    expect((await loginWith(client, forwarded)).address).toBe(outside);
  });
});
