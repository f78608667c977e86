import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '@clacks/client';
import type { Client } from '@clacks/client';
import { installPostgres, PostgresBridge } from 'clacks/postgres';
import type { PostgresBridgeOptions } from 'clacks/postgres';
import { TestLog } from '../support/log.ts';
import { RawClient } from '../support/raw-client.ts';
import { TestServer } from '../support/test-server.ts';
import { hasPostgres, TestCluster, TestSession } from './cluster.ts';

const d = '§§§CLACKSDELIMETER§§§';

describe.skipIf(!hasPostgres)('the bridge to PostgreSQL', () => {
  let cluster: TestCluster;
  let server: TestServer;
  let clacks: Client;
  let listener: RawClient;
  let url: string;
  let log: TestLog;
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
    log = new TestLog();
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
    const { logger } = log;
    const bridge = new PostgresBridge({ pg: url, clacks, logger, gapSignal: false, ...options });
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

  it('hands on what all functions send, and what they store', async () => {
    await installPostgres(url, { schema: 'public' });
    await start();
    await using session = await TestSession.open(url);
    await session.rows(`
      SELECT clacks_notify('door::opened'), clacks_set('temperature', '21.5'),
        clacks_setandstore('mode', 'a=b c'), clacks_store('kept', 'ö€'), clacks_store('gone', 'x'),
        clacks_remove('gone'), clacks_increment('count'), clacks_increment('count', '2.5'),
        clacks_decrement('count', '1')`);
    expect(await received(session)).toEqual([
      'NOTIFY door::opened',
      'SET temperature=21.5',
      'SET mode=a=b c',
    ]);
    expect(await clacks.retrieve('mode')).toBe('a=b c');
    expect(await clacks.retrieve('kept')).toBe('ö€');
    expect(await clacks.retrieve('gone')).toBeUndefined();
    expect(await clacks.retrieve('count')).toBe('2.5');
  });

  it('hands on what functions of Net::Clacks notify, in a database where nothing is installed', async () => {
    await start();
    await using session = await TestSession.open(url);
    await session.rows(`
      CREATE FUNCTION clacks_set(n text, v text) RETURNS void LANGUAGE sql AS
        $$ SELECT pg_notify('clacksmessage', 'SET${d}' || n || '${d}' || v) $$`);
    await session.rows(`SELECT clacks_set('old::name', 'a value')`);
    await session.rows(`SELECT pg_notify('clacksmessage', 'increment${d}old::count')`);
    await session.rows(`SELECT pg_notify('clacksmessage', 'INCREMENT${d}old::count${d}')`);
    expect(await received(session)).toEqual(['SET old::name=a value']);
    expect(await clacks.retrieve('old::count')).toBe('2');
  });

  it('sends nothing of a transaction or savepoint that is rolled back', async () => {
    await installPostgres(url, { schema: 'public' });
    await start();
    await using session = await TestSession.open(url);
    const large = 'x'.repeat(9000);
    await session.rows(`BEGIN; SELECT clacks_set('a', '1'), clacks_set('a', '${large}'); ROLLBACK`);
    await session.rows(`
      BEGIN;
      SELECT clacks_set('b', '1');
      SAVEPOINT s;
      SELECT clacks_set('b', '2'), clacks_set('b', '${large}');
      ROLLBACK TO s;
      SELECT clacks_set('b', '3');
      COMMIT`);
    expect(await received(session)).toEqual(['SET b=1', 'SET b=3']);
  });

  it('merges no equal messages of one transaction', async () => {
    await installPostgres(url, { schema: 'public' });
    await start();
    await using session = await TestSession.open(url);
    await session.rows(`
      SELECT clacks_set('light', 'on'), clacks_set('light', 'off'), clacks_set('light', 'on'),
        clacks_notify('bell'), clacks_notify('bell'), clacks_increment('n'), clacks_increment('n')`);
    const lights = ['SET light=on', 'SET light=off', 'SET light=on'];
    expect(await received(session)).toEqual([...lights, 'NOTIFY bell', 'NOTIFY bell']);
    expect(await clacks.retrieve('n')).toBe('2');
  });

  it('sends the first message of a transaction exactly as Net::Clacks has it', async () => {
    await installPostgres(url, { schema: 'public' });
    await using session = await TestSession.open(url);
    const payloads: string[] = [];
    session.client.on('notification', ({ payload = '' }) => payloads.push(payload));
    await session.rows('LISTEN clacksmessage');
    await session.rows(`SELECT clacks_set('a', 'b')`);
    await session.rows(`SELECT clacks_notify('c')`);
    await session.rows(`SELECT clacks_notify('c'), clacks_notify('c')`);
    await session.rows('SELECT 1');
    expect(payloads).toEqual([
      `SET${d}a${d}b`,
      `NOTIFY${d}c`,
      `NOTIFY${d}c`,
      `NOTIFY${d}c${d}${d}#1`,
    ]);
  });

  it('keeps the order of short and long messages, within a transaction and between them', async () => {
    await installPostgres(url, { schema: 'public' });
    await start();
    await using session = await TestSession.open(url);
    await using other = await TestSession.open(url);
    const large = (letter: string): string => letter.repeat(9000);
    // The other one comes later, and is committed earlier.
    await session.rows(`
      BEGIN; SELECT clacks_set('x', '1'), clacks_set('x', '${large('a')}'), clacks_set('x', '2')`);
    await other.rows(
      `SELECT clacks_set('x', '3'), clacks_set('x', '${large('b')}'), clacks_set('x', '4')`,
    );
    await session.rows('COMMIT');
    const values = (await received(session)).map((line) => line.slice('SET x='.length));
    expect(values).toEqual(['3', large('b'), '4', '1', large('a'), '2']);
    expect(await session.rows('SELECT * FROM clacks_outbox')).toEqual([]);
  });

  it('hands on values that a payload could not hold: the delimiter, line breaks, a megabyte', async () => {
    await installPostgres(url, { schema: 'public' });
    await start();
    await using session = await TestSession.open(url);
    const values = [`a${d}b`, 'two\nlines', 'é'.repeat(500_000)];
    for (const [index, value] of values.entries()) {
      await session.rows('SELECT clacks_store($1, $2)', [`value::${index}`, value]);
    }
    await received(session);
    for (const [index, value] of values.entries()) {
      expect(await clacks.retrieve(`value::${index}`)).toBe(value);
    }
  });

  it('counts the bytes of a payload as the database does', async () => {
    await installPostgres(url, { schema: 'public' });
    await start();
    await using session = await TestSession.open(url);
    // Around PostgreSQL's limit, byte by byte, with letters of two bytes.
    await session.rows(
      `SELECT clacks_store('n' || n, repeat('é', n)) FROM generate_series(3970, 3990) AS n`,
    );
    await received(session);
    for (let n = 3970; n <= 3990; n++) {
      expect((await clacks.retrieve(`n${n}`))?.length).toBe(n);
    }
  });

  it('works with a database that is not in UTF-8', async () => {
    url = await cluster.createDatabase("ENCODING 'LATIN1' TEMPLATE template0");
    await installPostgres(url, { schema: 'public' });
    await start();
    await using session = await TestSession.open(url);
    await session.rows(`SELECT clacks_set('größe', 'für'), clacks_set('größe', repeat('ü', 8000))`);
    const lines = (await received(session)).map((l) => Buffer.from(l, 'latin1').toString());
    expect(lines).toEqual(['SET größe=für', `SET größe=${'ü'.repeat(8000)}`]);
  });

  it('leaves out what is no command, with one line of the log each, and goes on', async () => {
    const bridge = await start();
    const why: string[] = [];
    bridge.on('malformed', (text) => why.push(text));
    await using session = await TestSession.open(url);
    const payloads = [
      '',
      'CLEARCACHE',
      `EXPLODE${d}a`,
      'SET',
      `SET${d}a`,
      `SET${d}a b${d}1`,
      `SET${d}a=b${d}1`,
      `NOTIFY${d}a\r\nQUIT`,
      `NOTIFY${d}`,
      `SET${d}a${d}b${d}c`,
      `INCREMENT${d}a${d}many`,
    ];
    for (const payload of payloads) {
      await session.rows(`SELECT pg_notify('clacksmessage', $1)`, [payload]);
    }
    expect(await received(session)).toEqual([]);
    expect(why).toHaveLength(payloads.length);
    expect(why[2]).toContain('"EXPLODE"');
    expect(log.entries.filter(({ msg }) => msg === 'no command of the database')).toHaveLength(
      payloads.length,
    );
  });

  it('tells in the log what the Clacks server refuses, and goes on', async () => {
    const xml =
      '<user><username>db</username><password>p</password><write>1</write><writenames>allowed::**</writenames></user>';
    await server.configure(xml);
    await server.server.reload();
    const narrow = await connect({ path: server.socketPath, username: 'db', password: 'p' });
    await start({ clacks: narrow });
    await using session = await TestSession.open(url);
    for (const name of ['other', 'other', 'allowed::x']) {
      await session.rows(`SELECT pg_notify('clacksmessage', 'NOTIFY${d}${name}')`);
    }
    await listener.waitFor((line) => line === 'NOTIFY allowed::x');
    const entry = await log.next(/refuses messages/u);
    expect(entry).toMatchObject({ answer: 'permission_denied', count: 1 });
    expect(await listener.fence()).toEqual(['NOTIFY allowed::x']);
    narrow.destroy();
  });

  it('refuses what cannot be sent where it is called', async () => {
    await installPostgres(url, { schema: 'public' });
    await using session = await TestSession.open(url);
    const calls = [
      `clacks_notify('a b')`,
      `clacks_notify('a=b')`,
      `clacks_notify(E'a\\nb')`,
      `clacks_notify('')`,
      'clacks_notify(NULL)',
      `clacks_set('a', NULL)`,
      `clacks_send('QUIT', 'a', NULL)`,
    ];
    for (const call of calls) {
      await expect(session.rows(`SELECT ${call}`)).rejects.toThrow(/clacks: /u);
    }
  });

  it('listens again when PostgreSQL ends its connection, and tells of the gap', async () => {
    const bridge = await start({ gapSignal: undefined });
    await listener.waitFor((line) => line === 'SET clacks::postgres::gap=started');
    await using session = await TestSession.open(url);
    const listening = new Promise((resolve) => bridge.once('listening', resolve as () => void));
    await session.rows(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'clacks postgres'`,
    );
    await listening;
    await session.rows(`SELECT pg_notify('clacksmessage', 'SET${d}a${d}after')`);
    expect((await received(session)).slice(-2)).toEqual([
      'SET clacks::postgres::gap=reconnected',
      'SET a=after',
    ]);
  });

  it('notices a connection that is silent, though nobody has closed it', async () => {
    const bridge = await start({ heartbeatMs: 200 });
    await using session = await TestSession.open(url);
    const [row] = await session.rows(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'clacks postgres'`,
    );
    const pid = Number(row?.['pid']);
    const disconnected = new Promise<Error>((resolve) => bridge.once('disconnected', resolve));
    process.kill(pid, 'SIGSTOP');
    try {
      expect((await disconnected).message).toContain('no answer within 200 ms');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  it('can be closed while PostgreSQL is silent', async () => {
    const bridge = await start();
    await using session = await TestSession.open(url);
    const [row] = await session.rows(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'clacks postgres'`,
    );
    const pid = Number(row?.['pid']);
    process.kill(pid, 'SIGSTOP');
    try {
      await bridge.close();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  it('ends with a clear error when PostgreSQL refuses, without the password', async () => {
    const wrong = cluster.url('postgres', 'admin:not-the-secret');
    const bridge = new PostgresBridge({ pg: wrong, clacks });
    const error = await bridge.start().catch((e: unknown) => e as Error);
    expect(error).toMatchObject({ code: 'CLACKS_ERR_POSTGRES' });
    expect(String(error)).toContain('admin@127.0.0.1');
    expect(String(error)).not.toContain('not-the-secret');
    await bridge.close();
  });
});
