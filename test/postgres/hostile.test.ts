import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '@clacks/client';
import type { Client } from '@clacks/client';
import { installPostgres, PostgresBridge, uninstallPostgres } from 'clacks/postgres';
import type { PostgresBridgeOptions } from 'clacks/postgres';
import { TestLog } from '../support/log.ts';
import { RawClient } from '../support/raw-client.ts';
import { TestServer } from '../support/test-server.ts';
import { hasPostgres, TestCluster, TestSession } from './cluster.ts';

const d = '§§§CLACKSDELIMETER§§§';

describe.skipIf(!hasPostgres)('the bridge, whatever a database does to it,', () => {
  let cluster: TestCluster;
  let server: TestServer;
  let clacks: Client;
  let listener: RawClient;
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
    listener = await RawClient.login(server);
    listener.send('LISTEN **');
    await listener.fence();
    url = await cluster.createDatabase();
  });

  afterEach(async () => {
    for (const bridge of bridges.splice(0)) await bridge.close();
    clacks.destroy();
    listener.destroy();
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

  /** What came until everything that the database sent before was handed on. */
  const received = async (session: TestSession): Promise<string[]> => {
    await session.rows(`SELECT pg_notify('clacksmessage', 'NOTIFY${d}the::end')`);
    await listener.waitFor((line) => line === 'NOTIFY the::end');
    return (await listener.fence()).filter((line) => line !== 'NOTIFY the::end');
  };

  it('fills no log: of many that are no command, some are told and all are counted', async () => {
    const log = new TestLog();
    const bridge = await start({ logger: log.logger });
    let malformed = 0;
    bridge.on('malformed', () => malformed++);
    await using session = await TestSession.open(url);
    await session.rows(
      `SELECT pg_notify('clacksmessage', 'EXPLODE' || i) FROM generate_series(1, 500) AS i`,
    );
    expect(await received(session)).toEqual([]);
    expect(malformed).toBe(500);
    const told = log.entries.filter(({ msg }) => msg === 'no command of the database');
    expect(told).toHaveLength(20);
  });

  it('is not held up by whoever notifies on the channel of the outbox, nor by rows they name', async () => {
    await installPostgres(url, { schema: 'public' });
    await start();
    await using session = await TestSession.open(url);
    const payloads = ['abc', '', '-1', '9'.repeat(30), '1; SELECT 1', '999999999999999999'];
    await session.rows(`SELECT pg_notify('clacksoutbox', p) FROM unnest($1::text[]) p`, [payloads]);
    await session.rows(`
      BEGIN; SELECT clacks_set('long', repeat('x', 9000));
      NOTIFY clacksoutbox, '999999999999999999'; NOTIFY clacksoutbox, '0'; COMMIT`);
    expect(await received(session)).toEqual([`SET long=${'x'.repeat(9000)}`]);
  });

  it('leaves out a row that the server takes no line for, and goes on', async () => {
    await server.restart('<maxlinelength>65536</maxlinelength>');
    listener.destroy();
    listener = await RawClient.login(server);
    await clacks.flush().catch(() => undefined);
    await installPostgres(url, { schema: 'public', durable: true });
    const bridge = await start();
    const left: string[] = [];
    bridge.on('malformed', (why) => left.push(why));
    await using session = await TestSession.open(url);
    const fits = 65_536 - 'STORE fits='.length;
    await session.rows(`
      SELECT clacks_store('a', '1'), clacks_store('long', repeat('x', 70000)),
        clacks_store('fits', repeat('x', ${fits})), clacks_store('over', repeat('x', ${fits + 1})),
        clacks_increment('n')`);
    while ((await session.rows('SELECT FROM clacks_outbox')).length > 0);
    const reader = await RawClient.login(server);
    reader.send('RETRIEVE a', 'RETRIEVE long', 'RETRIEVE over', 'RETRIEVE n');
    expect(await reader.fence()).toEqual([
      'RETRIEVED a=1',
      'NOTRETRIEVED long',
      'NOTRETRIEVED over',
      'RETRIEVED n=1',
    ]);
    reader.send('RETRIEVE fits');
    expect((await reader.fence())[0]?.length).toBe('RETRIEVED fits='.length + fits);
    reader.destroy();
    expect(left).toHaveLength(2);
  });

  it(
    'leaves out a row that is longer than any line, and goes on',
    { timeout: 60_000 },
    async () => {
      await installPostgres(url, { schema: 'public', durable: true });
      const bridge = await start();
      const left = new Promise<string>((resolve) => bridge.once('malformed', resolve));
      await using session = await TestSession.open(url);
      await session.rows(`SELECT clacks_set('x', repeat('x', 260 * 1024 * 1024))`);
      await session.rows(`SELECT clacks_set('x', 'after')`);
      await listener.waitFor((line) => line === 'SET x=after');
      expect(await left).toContain('longer');
    },
  );

  it('goes on when all is taken away and installed anew meanwhile', async () => {
    await installPostgres(url, { schema: 'public', durable: true });
    await start();
    await using session = await TestSession.open(url);
    await session.rows(`SELECT clacks_set('x', v) FROM unnest('{1,2,3}'::text[]) v`);
    await listener.waitFor((line) => line === 'SET x=3');
    while ((await session.rows('SELECT FROM clacks_outbox')).length > 0);
    await uninstallPostgres(url, 'public');
    await session.rows(`NOTIFY clacksoutbox, '*'`);
    await session.rows(`SELECT pg_notify('clacksmessage', 'SET${d}x${d}between')`);
    await listener.waitFor((line) => line === 'SET x=between');
    await installPostgres(url, { schema: 'public', durable: true });
    await session.rows(`SELECT clacks_set('x', 'anew')`);
    await listener.waitFor((line) => line === 'SET x=anew');
  });
});
