import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '@clacks/client';
import { installPostgres, PostgresBridge, uninstallPostgres } from 'clacks/postgres';
import type { PostgresBridgeOptions } from 'clacks/postgres';
import { TestServer } from '../support/test-server.ts';
import { hasPostgres, TestCluster, TestSession } from './cluster.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const command = path.join(root, 'packages', 'clacks', 'bin', 'clacks.js');
const run = promisify(execFile);

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const clacks = async (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> => {
  const options = { env: { ...process.env, ...env } };
  try {
    return { code: 0, ...(await run(process.execPath, [command, ...args], options)) };
  } catch (error) {
    return error as Ended;
  }
};

describe.skipIf(!hasPostgres)('clacks postgres install', () => {
  let cluster: TestCluster;
  let url: string;

  beforeAll(async () => {
    cluster = await TestCluster.start();
  });

  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    url = await cluster.createDatabase();
  });

  /** Everything that is ours in a schema. */
  const things = async (schema = 'public'): Promise<string[]> => {
    await using session = await TestSession.open(url);
    const rows = await session.rows(
      `SELECT p.oid::regprocedure::text AS thing FROM pg_proc p WHERE pronamespace = $1::regnamespace
       UNION SELECT c.relname FROM pg_class c WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'S')
       ORDER BY thing`,
      [schema],
    );
    return rows.map(({ thing }) => String(thing));
  };

  it('can be run again, and taken away', async () => {
    expect(await clacks(['postgres', 'install', '--pg', url])).toMatchObject({ code: 0 });
    const installed = await things();
    expect(installed).toContain('clacks_set(text,text)');
    expect(installed).toContain('clacks_outbox');
    expect(await clacks(['postgres', 'install'], { CLACKS_PG_URL: url })).toMatchObject({
      code: 0,
    });
    expect(await things()).toEqual(installed);
    expect(await clacks(['postgres', 'uninstall', '--pg', url])).toMatchObject({ code: 0 });
    expect(await things()).toEqual([]);
    const again = await clacks(['postgres', 'uninstall', '--pg', url]);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('nothing is installed');
  });

  it('prints SQL that does the same', async () => {
    const { stdout } = await clacks(['postgres', 'sql', '--schema', 'bus', '--durable']);
    await using session = await TestSession.open(url);
    await session.rows(stdout);
    const printed = await things('bus');
    url = await cluster.createDatabase();
    await installPostgres(url, { schema: 'bus', durable: true });
    expect(await things('bus')).toEqual(printed);
    expect(printed).toContain('bus.clacks_set(text,text)');
  });

  it('quotes the names it is given', async () => {
    const schema = `Odd "name'; DROP`;
    await using session = await TestSession.open(url);
    await session.rows('CREATE ROLE "odd; role"');
    await installPostgres(url, { schema, bridgeRole: 'odd; role' });
    await session.rows(`SELECT "Odd ""name'; DROP".clacks_set('a', repeat('x', 9000))`);
    const [row] = await session.rows(`SELECT position FROM "Odd ""name'; DROP".clacks_outbox`);
    expect(row).toEqual({ position: '1' });
    await uninstallPostgres(url, schema, true);
    await session.rows('DROP OWNED BY "odd; role"; DROP ROLE "odd; role"');
  });

  it('stays durable when it is run again, until it is told otherwise', async () => {
    await using session = await TestSession.open(url);
    const isDurable = async (): Promise<unknown> =>
      (await session.rows('SELECT durable FROM clacks_bridge'))[0]?.['durable'];
    await clacks(['postgres', 'install', '--pg', url, '--durable']);
    await clacks(['postgres', 'install', '--pg', url]);
    expect(await isDurable()).toBe(true);
    await clacks(['postgres', 'install', '--pg', url, '--no-durable']);
    expect(await isDurable()).toBe(false);
  });

  it('does not replace functions of somebody else, and changes nothing then', async () => {
    await using session = await TestSession.open(url);
    await session.rows(
      'CREATE FUNCTION clacks_notify(name text) RETURNS void LANGUAGE sql AS $$ SELECT $$',
    );
    const { code, stderr } = await clacks(['postgres', 'install', '--pg', url]);
    expect(code).toBe(1);
    expect(stderr).toContain('functions of somebody else: clacks_notify(text)');
    expect(await things()).toEqual(['clacks_notify(text)']);
  });

  it('does not touch what a newer version has installed', async () => {
    await installPostgres(url, { schema: 'public' });
    await using session = await TestSession.open(url);
    await session.rows('UPDATE clacks_bridge SET version = 1000');
    await expect(installPostgres(url, { schema: 'public' })).rejects.toThrow(/version 1000/u);
  });

  it('does not take away messages that have not been sent, unless it is forced', async () => {
    await installPostgres(url, { schema: 'public', durable: true });
    await using session = await TestSession.open(url);
    await session.rows(`SELECT clacks_set('a', 'b')`);
    const { code, stderr } = await clacks(['postgres', 'uninstall', '--pg', url]);
    expect(code).toBe(1);
    expect(stderr).toContain('have not been sent');
    expect(await clacks(['postgres', 'uninstall', '--force', '--pg', url])).toMatchObject({
      code: 0,
    });
  });

  it('lets any role send, no role touch the outbox, and the bridge do no more than it needs', async () => {
    await using admin = await TestSession.open(url);
    await admin.rows(`
      CREATE ROLE anybody LOGIN PASSWORD 'p'; CREATE ROLE bridge LOGIN PASSWORD 'p';
      CREATE TABLE house (secret text)`);
    await installPostgres(url, { schema: 'public', durable: true, bridgeRole: 'bridge' });
    const database = url.slice(url.lastIndexOf('/') + 1);
    const as = (role: string): string => cluster.url(database, `${role}:p`);
    await using anybody = await TestSession.open(as('anybody'));
    for (const statement of [
      'SELECT * FROM clacks_outbox',
      `INSERT INTO clacks_outbox (command, name) VALUES ('NOTIFY', 'x')`,
      'DELETE FROM clacks_outbox',
      'UPDATE clacks_bridge SET durable = false',
      `SELECT nextval('clacks_position')`,
    ]) {
      await expect(anybody.rows(statement)).rejects.toThrow(/permission denied/u);
    }
    await using bridgeRole = await TestSession.open(as('bridge'));
    await expect(bridgeRole.rows('SELECT * FROM house')).rejects.toThrow(/permission denied/u);
    await expect(bridgeRole.rows('UPDATE clacks_bridge SET durable = false')).rejects.toThrow(
      /permission denied/u,
    );

    await using server = await TestServer.start();
    await using client = await connect({
      path: server.socketPath,
      username: 'admin',
      password: 'adminpass',
    });
    await using listening = await connect({
      path: server.socketPath,
      username: 'admin',
      password: 'adminpass',
    });
    const signals = listening.listen('from::anybody')[Symbol.asyncIterator]();
    await listening.flush();
    const pg = as('bridge');
    await using bridge = new PostgresBridge({
      pg,
      clacks: client,
      signals: { names: ['to::pg'] },
    });
    await bridge.start();
    await anybody.rows(`SELECT clacks_set('from::anybody', 'hello')`);
    expect((await signals.next()).value).toMatchObject({ value: 'hello' });
    await client.flush();
    await listening.set('to::pg', 'back');
    while ((await admin.rows('SELECT FROM clacks_signals')).length === 0);
    await bridge.close();
    await admin.rows(`REASSIGN OWNED BY bridge TO admin; DROP OWNED BY bridge; DROP ROLE bridge`);
    await anybody.client.end();
  });

  it('does not begin with a database that it cannot use as it is', async () => {
    await using server = await TestServer.start();
    await using client = await connect({
      path: server.socketPath,
      username: 'admin',
      password: 'adminpass',
    });
    const cases: [Partial<PostgresBridgeOptions>, RegExp][] = [
      [{ pg: 'mysql://host/db' }, /expected postgres:/u],
      [{ pg: `${url}_missing` }, /does not exist/u],
      [{ signals: { names: ['a'] } }, /no "public"\.clacks_signals .*clacks postgres install/u],
      [{ signals: { names: ['a'], function: 'bus.f' } }, /no "bus"\."f"\(text, text\)/u],
    ];
    for (const [options, message] of cases) {
      await using bridge = new PostgresBridge({ pg: url, clacks: client, ...options });
      await expect(bridge.start()).rejects.toThrow(message);
    }
    await installPostgres(url, { schema: 'public' });
    await using session = await TestSession.open(url);
    await session.rows('UPDATE clacks_bridge SET version = 1000');
    await using bridge = new PostgresBridge({ pg: url, clacks: client });
    await expect(bridge.start()).rejects.toThrow(/Version 1000/u);
  });

  it('does not take over tables that somebody else has prepared, with triggers of their own', async () => {
    await using admin = await TestSession.open(url);
    await admin.rows(`CREATE ROLE trapper; GRANT CREATE ON SCHEMA public TO trapper`);
    const traps = [
      'TABLE clacks_outbox ()',
      'VIEW clacks_bridge AS SELECT 1',
      'SEQUENCE clacks_position',
    ];
    for (const trap of traps) {
      await admin.rows(`SET ROLE trapper; CREATE ${trap}; RESET ROLE`);
      const { code, stderr } = await clacks(['postgres', 'install', '--pg', url]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/tables of somebody else: clacks_\w+ of trapper/u);
      await admin.rows('DROP OWNED BY trapper; GRANT CREATE ON SCHEMA public TO trapper');
    }
    await installPostgres(url, { schema: 'public' });
    await admin.rows(`SET ROLE trapper; CREATE TABLE own (id bigint)`);
    await expect(
      admin.rows(
        'CREATE TRIGGER own AFTER INSERT ON own FOR EACH ROW EXECUTE FUNCTION clacks_outbox_position()',
      ),
    ).rejects.toThrow(/permission denied/u);
    await admin.rows('RESET ROLE; DROP OWNED BY trapper; DROP ROLE trapper');
  });

  it('is not fooled by what lies in the search path of who calls', async () => {
    await installPostgres(url, { schema: 'bus' });
    await using session = await TestSession.open(url);
    await session.rows(`
      CREATE SCHEMA trap;
      CREATE FUNCTION trap.pg_notify(text, text) RETURNS void LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'trapped'; END $$;
      CREATE FUNCTION trap.octet_length(text) RETURNS int LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'trapped'; END $$;
      SET search_path = trap, pg_catalog`);
    await session.rows(`SELECT bus.clacks_set('a', 'b'), bus.clacks_set('a', repeat('x', 9000))`);
  });

  it('takes a position and makes it last, whatever the transaction says', async () => {
    await installPostgres(url, { schema: 'public', durable: true });
    await using session = await TestSession.open(url);
    await session.rows('SET session_replication_role = replica; SET synchronous_commit = off');
    await session.rows(`SELECT clacks_notify('a')`);
    await session.rows(`BEGIN; SET CONSTRAINTS ALL IMMEDIATE; SELECT clacks_notify('b'); COMMIT`);
    const rows = await session.rows('SELECT position, name FROM clacks_outbox ORDER BY position');
    expect(rows).toEqual([
      { position: '1', name: 'a' },
      { position: '2', name: 'b' },
    ]);
    expect(await session.rows('SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'off' }]);
  });

  it('tells what is wrong with its options, and never the password', async () => {
    const cases: [string[], RegExp][] = [
      [['install', '--pg', 'mysql://me:topsecret@host/db'], /expected postgres:/u],
      [['install', '--pg', 'postgres://me:topsecret@127.0.0.1:1/db'], /me@127\.0\.0\.1:1\/db/u],
      [['install', '--pg', 'postgres://me:topsecret@h:1/d?sslrootcert=/nowhere'], /nowhere/u],
      [['install', '--schema', ''], /Expected a name/u],
      [['run', '--signals-function', 'f'], /without --signals/u],
      [['run', '--signals', 'a', '--signals-function', 'a.b.c'], /SCHEMA\.FUNCTION/u],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await clacks(['postgres', ...args]);
      expect(code).toBeGreaterThan(0);
      expect(stderr).toMatch(message);
      expect(stderr).not.toContain('topsecret');
      expect(stderr).not.toContain('unexpected');
    }
  });
});
