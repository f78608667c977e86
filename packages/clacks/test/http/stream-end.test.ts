import { once } from 'node:events';
import net from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import type { ApiConnection, ApiPage, ApiSignals } from '../../src/http/api-types.ts';
import { RawClient } from '../../../../test/support/raw-client.ts';
import type { TestServer } from '../../../../test/support/test-server.ts';
import { EventReader, HttpClient, startHttp } from './support.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const path = '/api/stream?name=n::*&rate=1000';

/** Two streams on one connection: the answer to the second waits for the end of the first. */
const openTwo = async (server: TestServer, { cookie = '' }: HttpClient): Promise<net.Socket> => {
  const socket = net.connect(server.server.httpAddress?.port ?? 0, '127.0.0.1');
  await once(socket, 'connect');
  const request = `GET ${path} HTTP/1.1\r\nHost: h\r\nCookie: ${cookie}\r\n\r\n`;
  socket.write(request + request);
  return socket;
};

/** How many streams listen. */
const listening = async (client: HttpClient): Promise<number> => {
  const query = 'filter=clacks%20http%20signals';
  return (await client.get<ApiPage<ApiConnection>>(`/api/connections?${query}`)).total;
};

it('ends with its connection, also one whose answer waited for another', async () => {
  await using server = await startHttp();
  const [client, reader] = [
    await HttpClient.login(server),
    await HttpClient.login(server, 'reader'),
  ];
  const socket = await openTwo(server, reader);
  while ((await listening(client)) < 2);
  socket.destroy();
  while ((await listening(client)) > 0);
  expect(server.server.statistics?.connections.open).toBe(2);
});

it('ends when nobody reads it for a minute, and others go on', async () => {
  await using server = await startHttp();
  const [client, reader] = [
    await HttpClient.login(server),
    await HttpClient.login(server, 'reader'),
  ];
  const headers = { cookie: reader.cookie ?? '' };
  const events = new EventReader(await client.open(path, { headers }));
  const socket = await openTwo(server, reader);
  while ((await listening(client)) < 3);
  const realNow = performance.now.bind(performance);
  let aheadMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => realNow() + aheadMs);
  const value = 'x'.repeat(1024);
  const lines = Array.from({ length: 250 }, (_, index) => `SET n::${index}=${value}`);
  while ((await listening(client)) === 3) {
    aheadMs += 10_000;
    const raw = await RawClient.login(server);
    raw.send(...lines);
    await raw.fence();
    raw.destroy();
    expect((await events.next<ApiSignals>('signals'))?.seen).toBeGreaterThan(0);
  }
  // That one, and its own first one perhaps; never the one that is read.
  const raw = await RawClient.login(server);
  raw.send('SET n::last=1');
  await raw.fence();
  expect(await events.next('signals')).toBeDefined();
  socket.destroy();
  events.close();
});

it('is refused to a user who has sixteen, and not to others', async () => {
  await using server = await startHttp();
  const clients = await Promise.all(
    Array.from({ length: 3 }, () => HttpClient.login(server, 'reader')),
  );
  const open = ({ cookie = '' }: HttpClient) =>
    clients[0]?.open('/api/stream?topics=overview', { headers: { cookie } });
  const [first, second, third] = clients;
  for (const client of [first, second]) {
    for (let count = 0; count < 8; count++) {
      expect((await open(client ?? new HttpClient(server)))?.statusCode).toBe(200);
    }
  }
  const refused = await third?.request('/api/stream?topics=overview');
  expect(refused?.status).toBe(429);
  expect(JSON.parse(refused?.text ?? '')).toEqual({
    error: 'too_many',
    message: 'More than 16 streams of one user.',
  });
  expect((await open(await HttpClient.login(server, 'keeper')))?.statusCode).toBe(200);
});
