import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '@clacks/client';
import type { Client } from '@clacks/client';
import { PostgresBridge } from 'clacks/postgres';
import type { PostgresBridgeOptions } from 'clacks/postgres';
import { RawClient } from '../support/raw-client.ts';
import { TestServer } from '../support/test-server.ts';
import { hasPostgres, TestCluster, TestSession } from './cluster.ts';

const d = '§§§CLACKSDELIMETER§§§';

describe.skipIf(!hasPostgres)('a bridge without a Clacks server', () => {
  let cluster: TestCluster;
  let server: TestServer;
  let clacks: Client;
  let url: string;
  const bridges: PostgresBridge[] = [];

  beforeAll(async () => {
    cluster = await TestCluster.start();
  });

  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    server = await TestServer.start();
    clacks = await connectBridge();
    url = await cluster.createDatabase();
  });

  afterEach(async () => {
    for (const bridge of bridges.splice(0)) await bridge.close();
    clacks.destroy();
    await server[Symbol.asyncDispose]();
  });

  const connectBridge = (): Promise<Client> =>
    connect({
      path: server.socketPath,
      username: 'admin',
      password: 'adminpass',
      remember: false,
      reconnect: { maxDelayMs: 50 },
    });

  const start = async (options: Partial<PostgresBridgeOptions> = {}): Promise<PostgresBridge> => {
    const bridge = new PostgresBridge({ pg: url, clacks, gapSignal: false, ...options });
    bridges.push(bridge);
    await bridge.start();
    return bridge;
  };

  it('keeps what comes while the Clacks server is away, and tells of the gap', async () => {
    const bridge = await start();
    const gaps: string[] = [];
    bridge.on('gap', (reason) => gaps.push(reason));
    await using session = await TestSession.open(url);
    const lost = new Promise((resolve) => clacks.once('disconnected', resolve));
    const stopping = server.server.stop();
    await lost;
    await session.rows(`SELECT pg_notify('clacksmessage', 'STORE${d}a${d}kept')`);
    await stopping;
    await server.restart();
    await session.rows(`SELECT pg_notify('clacksmessage', 'STORE${d}b${d}last')`);
    const reader = await RawClient.login(server);
    for (let line = ''; !line.startsWith('RETRIEVED b=');) {
      reader.send('RETRIEVE b');
      [line = ''] = await reader.fence();
    }
    reader.send('RETRIEVE a');
    expect(await reader.fence()).toEqual(['RETRIEVED a=kept']);
    expect(gaps).toContain('clacks');
    reader.destroy();
  });

  it('drops what is too much while the Clacks server is away, and tells of it', async () => {
    const bridge = await start({ bufferBytes: 20_000 });
    await using session = await TestSession.open(url);
    const lost = new Promise((resolve) => clacks.once('disconnected', resolve));
    const overflow = new Promise<string>((resolve) => {
      bridge.on('gap', (reason) => {
        if (reason === 'overflow') resolve(reason);
      });
    });
    const stopping = server.server.stop();
    await lost;
    await session.rows(
      `SELECT pg_notify('clacksmessage', 'STORE${d}a${d}' || n || repeat('x', 1000)) FROM generate_series(1, 50) n`,
    );
    await stopping;
    await server.restart();
    expect(await overflow).toBe('overflow');
    expect(Number((await clacks.retrieve('a'))?.replaceAll('x', ''))).toBeLessThan(20);
  });
});
