import { expect, it } from 'vitest';
import type { ApiLogs, ApiOverview, ApiSignals } from '../../src/http/api-types.ts';
import { RawClient } from '../../../../test/support/raw-client.ts';
import type { TestServer } from '../../../../test/support/test-server.ts';
import { EventReader, HttpClient, startHttp } from './support.ts';

const openStream = async (client: HttpClient, query: string): Promise<EventReader> => {
  const headers = { cookie: client.cookie ?? '' };
  const response = await client.open(`/api/stream?${query}`, { headers });
  expect(response.statusCode).toBe(200);
  expect(response.headers['content-type']).toBe('text/event-stream');
  return new EventReader(response);
};

/** A stream of signals that has begun to listen. */
const listenTo = async (client: HttpClient, query: string): Promise<EventReader> => {
  const events = await openStream(client, query);
  await events.next('listening');
  return events;
};

const send = async (server: TestServer, ...lines: string[]): Promise<void> => {
  const raw = await RawClient.login(server);
  raw.send(...lines);
  await raw.fence();
  raw.destroy();
};

it('tells the overview at once, and again each second', async () => {
  await using server = await startHttp();
  const client = await HttpClient.login(server, 'reader');
  const events = await openStream(client, 'topics=overview');
  const first = await events.next<ApiOverview>('overview');
  expect(first?.lastSecond.atMs).toBe(0);
  await send(server, ...Array.from({ length: 100 }, () => 'NOTIFY n'));
  let lines = 0;
  while (lines === 0) {
    const next = await events.next<ApiOverview>('overview');
    lines = next?.lastSecond.linesReceivedPerS ?? NaN;
  }
  expect(lines).toBeGreaterThan(20);
  const history = await client.get<{ items: { atMs: number }[] }>('/api/history');
  expect(history.items.length).toBeGreaterThan(0);
  events.close();
});

it('tells signals of chosen names and patterns, the newest of each', async () => {
  await using server = await startHttp();
  const client = await HttpClient.login(server, 'reader');
  const events = await listenTo(client, 'name=Kitchen::*&name=news');
  await send(
    server,
    'SET Kitchen::a=1',
    'SET Kitchen::a=<b>2</b>',
    'SET Garden::a=1',
    'NOTIFY news',
    `SETANDSTORE Kitchen::long=${'x'.repeat(5000)}`,
  );
  const signals = await events.next<ApiSignals>('signals');
  expect(signals).toMatchObject({ seen: 4, leftOut: 1 });
  const told = Object.fromEntries(signals?.items.map((item) => [item.name, item]) ?? []);
  expect(Object.keys(told).toSorted()).toEqual(['Kitchen::a', 'Kitchen::long', 'news']);
  expect(told).toMatchObject({
    'Kitchen::a': { type: 'set', value: '<b>2</b>', bytes: 8, count: 2 },
    news: { type: 'notify', count: 1 },
    'Kitchen::long': { value: 'x'.repeat(1024), bytes: 5000, count: 1 },
  });
  expect(told['news']).not.toHaveProperty('value');
  events.close();
});

it('tells no more signals than it is asked for, and how many it left out', async () => {
  await using server = await startHttp();
  const client = await HttpClient.login(server, 'reader');
  const events = await listenTo(client, 'name=**&rate=40');
  await send(server, ...Array.from({ length: 5000 }, (_, index) => `SET n${index}=1`));
  let [seen, shown, leftOut] = [0, 0, 0];
  while (seen < 5000) {
    const signals = await events.next<ApiSignals>('signals');
    const items = signals?.items.length ?? 0;
    expect(items).toBeLessThanOrEqual(10);
    shown += items;
    seen += signals?.seen ?? NaN;
    leftOut += signals?.leftOut ?? NaN;
  }
  expect(seen).toBe(5000);
  expect(leftOut).toBe(5000 - shown);
  events.close();
});

it('listens with the rights of the user', async () => {
  await using server = await startHttp();
  const client = await HttpClient.login(server, 'cook');
  const events = await openStream(client, 'name=Kitchen::**&name=Garden::**&name=**');
  expect(await events.next('listening')).toEqual({ names: 1, refused: 2 });
  await send(server, 'SET Garden::a=1', 'SET Kitchen::a=1');
  const signals = await events.next<ApiSignals>('signals');
  expect(signals?.items.map(({ name }) => name)).toEqual(['Kitchen::a']);
  events.close();
});

it('tells lines of the log to who may manage, from then on', async () => {
  await using server = await startHttp();
  const client = await HttpClient.login(server, 'keeper');
  const events = await openStream(client, 'topics=logs');
  await send(server, 'OVERHEAD E broken');
  const messages: string[] = [];
  while (!messages.includes('client reports an error')) {
    const logs = await events.next<ApiLogs>('logs');
    messages.push(...(logs?.items.map(({ message }) => message) ?? []));
  }
  expect(messages).not.toContain('listening');
  events.close();
  const reader = await HttpClient.login(server, 'reader');
  expect((await reader.request('/api/stream?topics=logs')).status).toBe(403);
});

it.each([
  ['name=a%20b', 400],
  ['name=a%0d%0aCLEARCACHE', 400],
  [Array.from({ length: 101 }, (_, index) => `name=n${index}`).join('&'), 400],
  ['topics=overview&rate=1001', 400],
  ['topics=overviews', 400],
])('refuses ?%s', async (query, status) => {
  await using server = await startHttp();
  const client = await HttpClient.login(server);
  expect((await client.request(`/api/stream?${query}`)).status).toBe(status);
});

it('ends with the session, and leaves no connection behind', async () => {
  await using server = await startHttp();
  const client = await HttpClient.login(server, 'reader');
  const events = await listenTo(client, 'name=n');
  expect((await client.change('POST', '/api/logout')).status).toBe(204);
  expect(await events.next('nothing')).toBeUndefined();
  const raw = await RawClient.login(server);
  while (server.server.statistics?.connections.open !== 1) await raw.fence();
});

it('leaves no connection behind when nobody reads it any more', async () => {
  await using server = await startHttp();
  const client = await HttpClient.login(server, 'reader');
  const events = await listenTo(client, 'name=n');
  expect(server.server.statistics?.connections.open).toBe(2);
  events.close();
  const raw = await RawClient.login(server);
  while (server.server.statistics?.connections.open !== 2) await raw.fence();
});

it('ends when the server stops', async () => {
  await using server = await startHttp();
  const client = await HttpClient.login(server, 'reader');
  const events = await openStream(client, 'topics=overview');
  await server.server.stop();
  expect(await events.next('nothing').catch(() => undefined)).toBeUndefined();
});

it('gives a sign of life that pages hear when there is nothing to tell', async () => {
  await using server = await startHttp();
  const events = await openStream(await HttpClient.login(server), 'topics=logs');
  expect(await events.next('alive')).toEqual({});
  events.close();
});
