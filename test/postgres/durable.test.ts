import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '@clacks/client';
import { installPostgres, PostgresBridge } from 'clacks/postgres';
import { Child } from '../support/child.ts';
import { randomFrom } from '../support/random.ts';
import { RawClient } from '../support/raw-client.ts';
import { hasPostgres, TestCluster, TestSession } from './cluster.ts';
import { Load } from './load.ts';

const { CLACKS_CRASH_ROUNDS = '10', CLACKS_CRASH_SEED } = process.env;
const rounds = Number(CLACKS_CRASH_ROUNDS);
const seed = Number(CLACKS_CRASH_SEED ?? 1);

const root = path.dirname(path.dirname(import.meta.dirname));
const command = path.join(root, 'packages', 'clacks', 'bin', 'clacks.js');

describe.skipIf(!hasPostgres)('a durable bridge', () => {
  let cluster: TestCluster;
  let directory: string;
  let server: Child;
  let listener: RawClient;
  let url: string;
  const bridges: Child[] = [];
  const random = randomFrom(seed);

  beforeAll(async () => {
    cluster = await TestCluster.start();
  });

  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
    await writeFile(
      path.join(directory, 'server.xml'),
      `<clacks><socket>server.sock</socket><username>admin</username><password>adminpass</password>
      <persistancefile>cache</persistancefile><persistanceinterval>3600</persistanceinterval></clacks>`,
    );
    server = await startServer();
    listener = await RawClient.loginAt(socket());
    listener.send('LISTEN load::*', 'LISTEN the::end', 'LISTEN x');
    await listener.fence();
    url = await cluster.createDatabase();
    await installPostgres(url, { schema: 'public', durable: true });
  });

  afterEach(async () => {
    for (const bridge of bridges.splice(0)) await bridge.kill('SIGKILL');
    listener.destroy();
    await server.kill('SIGKILL');
    await rm(directory, { recursive: true });
  });

  const socket = (): string => path.join(directory, 'server.sock');

  const startServer = async (): Promise<Child> => {
    const child = new Child(command, ['server', path.join(directory, 'server.xml')]);
    await child.waitFor(/listening/u);
    return child;
  };

  const startBridge = async (ready = /Listening|Standing/u): Promise<Child> => {
    const bridge = new Child(command, ['postgres', 'run', '--heartbeat', '5'], {
      ...process.env,
      CLACKS_URL: `clacks+unix://admin:adminpass@${socket()}`,
      CLACKS_PG_URL: url,
    });
    bridges.push(bridge);
    await bridge.waitFor(ready);
    return bridge;
  };

  const ofBridge = `WHERE application_name = 'clacks postgres'`;

  /** Waits until there is a connection of a bridge that is so, or none. */
  const waitForRow = async (session: TestSession, condition: string, rows = 1): Promise<void> => {
    const query = `SELECT FROM pg_stat_activity ${ofBridge} AND ${condition}`;
    while ((await session.rows(query)).length !== rows);
  };

  /** Waits for some more signals. */
  const more = async (lines: number): Promise<void> => {
    let left = lines;
    await listener.waitFor((line) => line.startsWith('SET ') && --left === 0);
  };

  const receivedAll = async (): Promise<string[]> => {
    await listener.waitFor((line) => line === 'NOTIFY the::end');
    return (await listener.fence()).filter((line) => line.startsWith('SET '));
  };

  const valueOf = async (name: string): Promise<string> => {
    const reader = await RawClient.loginAt(socket());
    reader.send(`RETRIEVE ${name}`);
    const [line = ''] = await reader.fence();
    reader.destroy();
    return line.slice(line.indexOf('=') + 1);
  };

  /** The load is over: everything is there once, in the order of the commits, and nothing waits. */
  const check = async (load: Load): Promise<void> => {
    const { lines, count } = await load.stop();
    const seen = await receivedAll();
    expect(seen.length).toBeGreaterThan(rounds);
    expect(seen).toEqual(lines);
    expect(await valueOf('count')).toBe(String(count));
    await using session = await TestSession.open(url);
    while ((await session.rows('SELECT FROM clacks_outbox')).length > 0);
  };

  it('sends what was sent while it did not run, in the order of the commits', async () => {
    await using first = await TestSession.open(url);
    await using second = await TestSession.open(url);
    await first.rows(`BEGIN; SELECT clacks_set('x', '1')`);
    await second.rows(`SELECT clacks_set('x', '2'), clacks_set('x', '3'), clacks_set('x', '3')`);
    await first.rows(`SELECT clacks_set('x', '4'); COMMIT`);
    await second.rows(`SELECT clacks_notify('the::end')`);
    await startBridge();
    expect(await receivedAll()).toEqual(['2', '3', '3', '1', '4'].map((v) => `SET x=${v}`));
  });

  it('sends nothing twice that it could not delete before it was killed', async () => {
    await using session = await TestSession.open(url);
    await using blocker = await TestSession.open(url);
    await session.rows(`SELECT clacks_set('x', '1'), clacks_set('x', '2'), clacks_increment('n')`);
    // Reading goes on, deleting does not.
    await blocker.rows('BEGIN; LOCK TABLE clacks_outbox IN SHARE ROW EXCLUSIVE MODE');
    const bridge = await startBridge();
    await more(2);
    await waitForRow(session, `wait_event_type = 'Lock'`);
    await bridge.kill('SIGKILL');
    await session.rows(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity ${ofBridge}`);
    await waitForRow(session, 'true', 0);
    await blocker.rows('ROLLBACK');
    expect(await session.rows('SELECT FROM clacks_outbox')).toHaveLength(3);
    await startBridge();
    await session.rows(`SELECT clacks_notify('the::end')`);
    expect(await receivedAll()).toEqual(['SET x=1', 'SET x=2']);
    expect(await valueOf('n')).toBe('1');
  });

  it('loses nothing of a database that was set back, and gives its positions again', async () => {
    await using session = await TestSession.open(url);
    const bridge = await startBridge();
    await session.rows(`SELECT clacks_set('x', v) FROM unnest('{1,2,3}'::text[]) v`);
    await more(3);
    await bridge.kill();
    await session.rows(`TRUNCATE clacks_outbox; ALTER SEQUENCE clacks_position RESTART`);
    await session.rows(`SELECT clacks_set('x', v) FROM unnest('{4,5,6,7}'::text[]) v`);
    await session.rows(`SELECT clacks_notify('the::end')`);
    await startBridge();
    expect(await receivedAll()).toEqual([1, 2, 3, 4, 5, 6, 7].map((v) => `SET x=${v}`));
  });

  it(
    `loses and doubles nothing when it is killed under load, ${rounds} times`,
    { timeout: 0 },
    async () => {
      const load = await Load.start(url, 3, seed);
      for (let round = 0; round < rounds; round++) {
        const bridge = await startBridge();
        await more(1 + Math.floor(random() * 300));
        await bridge.kill('SIGKILL');
      }
      await startBridge();
      await check(load);
    },
  );

  it(
    `loses and doubles nothing when PostgreSQL is killed under load, ${rounds} times`,
    { timeout: 0 },
    async () => {
      const load = await Load.start(url, 3, seed);
      await startBridge();
      for (let round = 0; round < rounds; round++) {
        await more(1 + Math.floor(random() * 300));
        await cluster.kill();
        await cluster.resume();
      }
      await check(load);
    },
  );

  it(
    `counts right when the Clacks server is killed under load, ${rounds} times`,
    { timeout: 0 },
    async () => {
      const load = await Load.start(url, 3, seed);
      // One that is here: it tries to connect as often as this test has to.
      await using clacks = await connect({
        path: socket(),
        username: 'admin',
        password: 'adminpass',
        reconnect: { maxDelayMs: 50 },
      });
      await using bridge = new PostgresBridge({ pg: url, clacks });
      await bridge.start();
      for (let round = 0; round < rounds; round++) {
        await more(1 + Math.floor(random() * 300));
        await server.kill('SIGKILL');
        server = await startServer();
        listener.destroy();
        listener = await RawClient.loginAt(socket());
        listener.send('LISTEN load::*', 'LISTEN the::end');
        await listener.fence();
      }
      const { count } = await load.stop();
      await receivedAll();
      expect(await valueOf('count')).toBe(String(count));
    },
  );

  it('has one that stands by take over when it is killed', async () => {
    const load = await Load.start(url, 2, seed);
    let leader = await startBridge(/Listening/u);
    for (let round = 0; round < 3; round++) {
      const standby = await startBridge(/Standing/u);
      await more(50);
      await leader.kill('SIGKILL');
      await standby.waitFor(/Listening/u);
      await more(50);
      leader = standby;
    }
    await check(load);
  });
});
