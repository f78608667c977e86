import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '@clacks/client';
import type { Client } from '@clacks/client';
import { installPostgres, PostgresBridge } from 'clacks/postgres';
import type { SignalsOptions } from 'clacks/postgres';
import { RawClient } from '../support/raw-client.ts';
import { TestServer } from '../support/test-server.ts';
import { hasPostgres, TestCluster, TestSession } from './cluster.ts';

describe.skipIf(!hasPostgres)('signals in a database', () => {
  let cluster: TestCluster;
  let server: TestServer;
  let clacks: Client;
  let sender: RawClient;
  let url: string;
  let bridge: PostgresBridge;
  const dropped: [number, string][] = [];

  beforeAll(async () => {
    cluster = await TestCluster.start();
  });

  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    server = await TestServer.start();
    clacks = await connect({ path: server.socketPath, username: 'admin', password: 'adminpass' });
    sender = await RawClient.login(server);
    url = await cluster.createDatabase();
    await installPostgres(url, { schema: 'public' });
    dropped.length = 0;
  });

  afterEach(async () => {
    await bridge.close();
    clacks.destroy();
    sender.destroy();
    await server[Symbol.asyncDispose]();
  });

  const start = async (signals: SignalsOptions): Promise<void> => {
    bridge = new PostgresBridge({ pg: url, clacks, signals });
    bridge.on('dropped', (count, why) => dropped.push([count, why]));
    await bridge.start();
    await clacks.flush();
  };

  /** The table, when the last one of them is there. */
  const written = async (last: string, table = 'clacks_signals'): Promise<[unknown, unknown][]> => {
    await using session = await TestSession.open(url);
    for (;;) {
      const rows = await session.rows(`SELECT name, value FROM ${table} ORDER BY id`);
      if (rows.at(-1)?.['value'] === last) return rows.map(({ name, value }) => [name, value]);
    }
  };

  it('are written in their order, those that are listed', async () => {
    await start({ names: ['Kitchen::**', 'bell'] });
    const values = Array.from({ length: 3000 }, (_, n) => `value ${n}`);
    sender.send('NOTIFY bell', 'SET Cellar::Light=on');
    sender.send(...values.map((value) => `SET Kitchen::Temperature=${value}`));
    const expected = [['bell', null], ...values.map((value) => ['Kitchen::Temperature', value])];
    expect(await written('value 2999')).toEqual(expected);
  });

  it('may hold what a text of PostgreSQL cannot', async () => {
    await start({ names: ['x'] });
    const value = Buffer.from('a\0b\nc').toString('base64');
    sender.send(`SET x=PAGECAMELCLACKSB64:${value}`);
    expect(await written('a\uFFFDb\nc')).toHaveLength(1);
  });

  it('call a function, in their order; one that fails holds up no other', async () => {
    await using session = await TestSession.open(url);
    await session.rows(`
      CREATE TABLE seen (id serial, name text, value text);
      CREATE FUNCTION public."on signal"(name text, value text) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        IF value = 'bad' THEN RAISE EXCEPTION 'not this one'; END IF;
        INSERT INTO seen (name, value) VALUES (name, value);
      END $$`);
    await start({ names: ['x'], function: 'public.on signal' });
    sender.send('SET x=1', 'SET x=bad', 'SET x=2', 'NOTIFY x', 'SET x=last');
    expect(await written('last', 'seen')).toEqual([
      ['x', '1'],
      ['x', '2'],
      ['x', null],
      ['x', 'last'],
    ]);
    expect(dropped).toHaveLength(1);
    expect(dropped[0]?.[1]).toContain('not this one');
  });

  it('are tried again when transactions got in each other’s way', async () => {
    await using session = await TestSession.open(url);
    await session.rows(`
      CREATE TABLE seen (id serial, name text, value text);
      CREATE SEQUENCE tries;
      CREATE FUNCTION on_signal(name text, value text) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        IF value = 'once' AND nextval('tries') < 4 THEN RAISE SQLSTATE '40P01'; END IF;
        INSERT INTO seen (name, value) VALUES (name, value);
      END $$`);
    await start({ names: ['x'], function: 'on_signal' });
    sender.send('SET x=once', 'SET x=last');
    expect(await written('last', 'seen')).toEqual([
      ['x', 'once'],
      ['x', 'last'],
    ]);
    expect(dropped).toEqual([]);
  });

  it('wait while the database is away, as many as there is room for', async () => {
    await start({ names: ['x'], bufferBytes: 20_000 });
    const disconnected = new Promise((resolve) => bridge.once('disconnected', resolve));
    await cluster.kill();
    await disconnected;
    const overflow = new Promise((resolve) => bridge.once('dropped', resolve));
    const filler = 'x'.repeat(1000);
    sender.send(...Array.from({ length: 30 }, (_, n) => `SET x=${n} ${filler}`));
    await sender.fence();
    await clacks.flush();
    await cluster.resume();
    await overflow;
    sender.send('SET x=last');
    const numbers = (await written('last')).map(([, value]) => String(value).split(' ')[0]);
    const kept = numbers.length - 1;
    expect(numbers).toEqual([...Array.from({ length: kept }, (_, n) => String(n)), 'last']);
    expect(kept).toBeGreaterThan(10);
    expect(dropped).toEqual([[30 - kept, 'too many waited']]);
  });
});
