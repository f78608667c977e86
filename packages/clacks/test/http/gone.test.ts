import { once } from 'node:events';
import net from 'node:net';
import { expect, it } from 'vitest';
import type { Permissions } from 'clacks';
import { RawClient } from '../../../../test/support/raw-client.ts';
import type { TestServer } from '../../../../test/support/test-server.ts';
import { basic, HttpClient, startHttp } from './support.ts';

it('who is disconnected opens no connection for what it asked the console for before', async () => {
  await using server = await startHttp('<maxmessagespersecond>10</maxmessagespersecond>');
  const manager = await RawClient.login(server);
  const client = await HttpClient.login(server, 'keeper');
  const lines = Array.from({ length: 300 }, () => 'RETRIEVE a');
  const said = [
    client.change('POST', '/api/console', { lines }),
    client.change('POST', '/api/console', { lines: ['RETRIEVE a'] }),
  ];
  // The first one has its connection; the second one waits for it.
  while ((server.server.statistics?.connections.open ?? 0) < 3) await client.request('/healthz');
  await client.request('/healthz');
  manager.send('CLIENTLIST');
  await manager.waitFor((line) => line === 'CLIENTLISTEND');
  const listed = manager.take().find((line) => line.includes('CLIENTINFO=clacks http;')) ?? '';
  const [, cid = ''] = /CID=([^;]+);/u.exec(listed) ?? [];
  manager.send(`CLIENTDISCONNECT ${cid}`);
  await manager.fence();
  const [first, second] = await Promise.all(said);
  expect(JSON.parse(first?.text ?? '')).toMatchObject({ isClosed: true });
  expect(second?.status).toBe(401);
  while (server.server.statistics?.connections.open !== 1) await manager.fence();
});

const mayRead: Permissions = { read: true, write: false, manage: false };

/** Logins that wait for a word. */
const startAsking = async () => {
  const asked: { readonly signal: AbortSignal; readonly answer: (may: Permissions) => void }[] = [];
  const authenticate = (_: string, _password: string, _facts: unknown, signal: AbortSignal) =>
    new Promise<Permissions>((answer) => {
      asked.push({ signal, answer });
    });
  return { server: await startHttp('', { authenticate }), asked };
};

/** Asks with credentials, and can leave. */
const ask = async (server: TestServer): Promise<net.Socket> => {
  const socket = net.connect(server.server.httpAddress?.port ?? 0, '127.0.0.1');
  await once(socket, 'connect');
  const { authorization } = basic('reader');
  socket.write(`GET /api/session HTTP/1.1\r\nHost: h\r\nAuthorization: ${authorization}\r\n\r\n`);
  return socket;
};

it('who leaves before its credentials are checked does not have others with the same refused', async () => {
  const { server: started, asked } = await startAsking();
  await using server = started;
  const client = new HttpClient(server);
  const first = await ask(server);
  while (asked.length === 0) await client.request('/healthz');
  const second = client.request('/api/session', { headers: basic('reader') });
  await client.request('/healthz');
  first.destroy();
  for (let more = 0; more < 5; more++) await client.request('/healthz');
  expect(asked).toHaveLength(1);
  asked[0]?.answer(mayRead);
  expect((await second).status).toBe(200);
});

it('when all have left, their check is given up, and the next one has another', async () => {
  const { server: started, asked } = await startAsking();
  await using server = started;
  const client = new HttpClient(server);
  const [first, second] = [await ask(server), await ask(server)];
  while (asked.length === 0) await client.request('/healthz');
  await client.request('/healthz');
  const givenUp = once(asked[0]?.signal ?? new AbortController().signal, 'abort');
  first.destroy();
  second.destroy();
  await givenUp;
  const third = client.request('/api/session', { headers: basic('reader') });
  while (asked.length === 1) await client.request('/healthz');
  asked[1]?.answer(mayRead);
  expect((await third).status).toBe(200);
});
