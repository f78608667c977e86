import { once } from 'node:events';
import net from 'node:net';
import type { ServerStatistics } from 'clacks';
import { expect, it } from 'vitest';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { TestServer } from '../../../../test/support/test-server.ts';

const reader = `<user><username>reader</username><password>readerpass</password>
  <read>1</read></user>`;

const statisticsOf = ({ server }: TestServer): ServerStatistics => {
  const { statistics } = server;
  if (statistics === undefined) throw new Error('it does not run');
  return statistics;
};

/** Waits until that many connections are open. */
const openIs = async (server: TestServer, manager: RawClient, open: number): Promise<void> => {
  while (statisticsOf(server).connections.open !== open) await manager.fence();
};

it('counts connections by transport, while they are open, and by the reason of their end', async () => {
  await using server = await TestServer.start();
  const manager = await RawClient.login(server);
  const overTls = await RawClient.tls(server);
  await overTls.login();
  const quitter = await RawClient.login(server);
  const before = statisticsOf(server).connections;
  expect(before.accepted).toEqual({ tls: 1, unix: 2, websocket: 0, http: 0 });
  expect(before.open).toBe(3);
  expect(Object.values(before.closed).every((count) => count === 0)).toBe(true);
  quitter.send('QUIT');
  overTls.socket.end();
  await openIs(server, manager, 1);
  const { closed } = statisticsOf(server).connections;
  expect(closed).toMatchObject({ quit: 1, peer_closed: 1, output_limit: 0 });
  // It does not change once it was taken.
  expect(before.open).toBe(3);
});

it('counts who was refused, and TLS handshakes that failed', async () => {
  await using server = await TestServer.start({ xml: '<maxconnections>2</maxconnections>' });
  const manager = await RawClient.login(server);
  const plain = net.connect(server.port, '127.0.0.1');
  plain.on('error', () => undefined);
  plain.end('CLACKS hello\r\n');
  plain.resume();
  await once(plain, 'close');
  const second = await RawClient.login(server);
  const third = net.connect(server.socketPath);
  third.on('error', () => undefined);
  third.resume();
  await once(third, 'close');
  expect(statisticsOf(server).connections).toMatchObject({
    accepted: { tls: 0, unix: 2 },
    refused: { maxConnections: 1, maxConnectionsPerHost: 0 },
    tlsHandshakesFailed: 1,
  });
  await Promise.all([manager.fence(), second.fence()]);
});

it('counts logins and commands that were refused', async () => {
  await using server = await TestServer.start({ xml: reader });
  const client = await RawClient.login(server, 'reader', 'readerpass');
  client.send('STORE a=1', 'OVERHEAD G hello', 'NONSENSE', 'RETRIEVE a');
  await client.fence();
  await expect(RawClient.login(server, 'reader', 'wrong')).rejects.toThrow('Login failed');
  await openIs(server, client, 1);
  const { logins, commands, connections } = statisticsOf(server);
  expect(logins).toEqual({ succeeded: 1, failed: 1 });
  expect(commands).toEqual({ denied: 2, unknown: 1 });
  expect(connections.closed.login_failed).toBe(1);
});

it('tells of the cache, and of the bytes that wait to be sent', async () => {
  const mib = 2 ** 20;
  await using server = await TestServer.start({ xml: '<maxcacheentries>2</maxcacheentries>' });
  const client = await RawClient.login(server);
  client.send('STORE a=1', 'STORE b=1', 'STORE c=1', 'REMOVE b', `STORE c=${'x'.repeat(4 * mib)}`);
  await client.fence();
  expect(statisticsOf(server).cache).toEqual({ entries: 2, evicted: 1 });
  const slow = await RawClient.login(server);
  slow.socket.pause();
  slow.send('RETRIEVE c');
  while (statisticsOf(server).unsentBytes < 3 * mib) await client.fence();
  slow.socket.resume();
  await slow.fence();
  expect(statisticsOf(server).unsentBytes).toBeLessThan(mib);
});

it('counts the link of a slave at both ends', async () => {
  await using master = await TestServer.start();
  await using slave = await TestServer.start({
    xml: `<master><socket>${master.socketPath}</socket></master>`,
  });
  const client = await RawClient.login(slave);
  await client.fence();
  expect(statisticsOf(slave).connections).toMatchObject({ dialed: 1, accepted: { unix: 1 } });
  expect(statisticsOf(master).connections).toMatchObject({ dialed: 0, accepted: { unix: 1 } });
});

it('is there only while the server runs', async () => {
  const server = await TestServer.start();
  await server[Symbol.asyncDispose]();
  expect(server.server.statistics).toBeUndefined();
});
