import { copyFile, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { TestServer } from '../../../../test/support/test-server.ts';
import { readPerlFile } from '../../src/storage/perl-file.ts';
import { Sandbox, failure } from './sandbox.ts';

const data = path.join(import.meta.dirname, '../storage/data');
const kept = '<persistancefile>cache</persistancefile>';
const users =
  '<user><username>writer</username><password>pw</password><write>1</write></user>' +
  '<user><username>reader</username><password>pw</password><read>1</read></user>';

let sandbox: Sandbox;
const servers: TestServer[] = [];

beforeEach(async () => {
  sandbox = await Sandbox.create();
});
afterEach(async () => {
  await sandbox[Symbol.asyncDispose]();
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

const startServer = async (xml = users): Promise<TestServer> => {
  const server = await TestServer.start({ xml });
  servers.push(server);
  return server;
};

const at = (server: TestServer, login = 'admin:adminpass') => ({
  CLACKS_URL: `clacks+unix://${login}@${server.socketPath}`,
});

interface Entry {
  readonly name?: string;
  readonly value?: string;
  readonly cachetime: number;
}

/** What a server exports. */
const exported = async (server: TestServer, ...args: string[]): Promise<string[]> => {
  const result = await sandbox.run(['export', ...args], { env: at(server) });
  const lines = result.stdout.split('\n').slice(0, -1);
  expect(result).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(
      new RegExp(`^exported ${lines.length} entr(?:y|ies)\n$`, 'u'),
    ) as string,
  });
  return lines.sort();
};

/** A server with odd names and values, and a tombstone. */
const startOddServer = async (xml?: string): Promise<TestServer> => {
  const server = await startServer(xml);
  const client = await RawClient.login(server);
  const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('');
  client.send(
    'STORE plain=value',
    `STORE bytes=${bytes.replace(/[\r\n]/gu, '')}`,
    `STORE ${bytes.replace(/[ =\r\n]/gu, '')}=odd name`,
    'STORE gr\u00c3\u00bcn=\u00e2\u0082\u00ac and = signs = ',
    'STORE empty=',
    'STORE encoded=PAGECAMELCLACKSB64:AAo=',
    'INCREMENT with=sign=5',
    'INCREMENT counter=7',
    'STORE per%cent=%3D',
    'STORE gone=1',
    'REMOVE gone',
    `STORE ${'long'.repeat(500)}=${'x'.repeat(100_000)}`,
  );
  await client.fence();
  client.destroy();
  return server;
};

describe('clacks export and import', () => {
  it('bring all entries with their times and tombstones to another server', async () => {
    const lines = await exported(await startOddServer());
    expect(lines).toHaveLength(11);
    expect(lines.filter((line) => line.includes('"deleted":true'))).toHaveLength(1);
    const other = await startServer();
    const input = lines.join('\n');
    const result = await sandbox.run(['import', '-'], { input, env: at(other) });
    expect(result).toMatchObject({ code: 0, stdout: '', stderr: 'imported 11 entries\n' });
    expect(await exported(other)).toEqual(lines);
  });

  it('do the same with stores of servers that do not run, and from them to running ones', async () => {
    const server = await startOddServer(kept);
    const lines = await exported(server);
    const config = path.join(server.directory, 'server.xml');
    // The store is as it was flushed, and may be read while the server runs.
    expect(await exported(server, '--store', config)).toEqual(lines);
    const file = sandbox.path('e.jsonl');
    expect(await sandbox.run(['export', file], { env: at(server) })).toMatchObject({ code: 0 });
    expect(await sandbox.run(['import', '--store', 'new.lmdb', file])).toMatchObject({
      ...{ code: 0, stdout: '', stderr: 'imported 11 entries\n' },
    });
    const fromStore = await sandbox.run(['export', '--store', 'new.lmdb', '-']);
    expect(fromStore.stdout.split('\n').slice(0, -1).sort()).toEqual(lines);
    // A server starts with it.
    const other = await startServer(kept);
    await other.server.stop();
    await copyFile(sandbox.path('new.lmdb'), path.join(other.directory, 'cache.lmdb'));
    await other.restart();
    expect(await exported(other)).toEqual(lines);
  });

  it.each(['running', 'stopped'])('keep the newest of each name in a %s server', async (kind) => {
    const server = await startServer(kept);
    const client = await RawClient.login(server);
    client.send('STORE a=new', 'STORE b=new', 'REMOVE c', 'STORE d=new');
    await client.fence();
    const later = Date.now() / 1000 + 1000;
    const input = [
      { name: 'a', value: 'older', cachetime: 1000, accesstime: 2000 },
      { name: 'b', value: 'newer', cachetime: later, accesstime: later },
      { name: 'c', value: 'older', cachetime: 1000 },
      { name: 'd', deleted: true, cachetime: later },
      { name: 'e', value: 'other', cachetime: 1000.000001, accesstime: 2000.000001 },
    ].map((entry) => JSON.stringify(entry));
    const args = ['import', '-'];
    if (kind === 'stopped') {
      await server.server.stop();
      args.push('--store', path.join(server.directory, 'server.xml'));
    }
    const result = await sandbox.run(args, {
      input: input.join('\n'),
      env: kind === 'stopped' ? {} : at(server),
    });
    expect(result).toMatchObject({
      code: 0,
      stderr: 'imported 5 entries\nnote: of 2 names something newer was there and stays\n',
    });
    if (kind === 'stopped') await server.restart();
    const found = (await exported(server)).map((line) => JSON.parse(line) as Entry);
    expect(found).toMatchObject([
      { name: 'a', value: 'new' },
      { name: 'b', value: 'newer', cachetime: later },
      { name: 'c', deleted: true },
      { name: 'd', deleted: true, cachetime: later },
      { name: 'e', value: 'other', cachetime: 1000.000001, accesstime: 2000.000001 },
    ]);
  });

  it('are on the disk when an import is done', async () => {
    const server = await startServer(`${kept}<persistanceinterval>86400</persistanceinterval>`);
    const input = '{"name":"a","value":"1","cachetime":1000}\n';
    await sandbox.run(['import', '-'], { input, env: at(server) });
    const config = path.join(server.directory, 'server.xml');
    expect(await exported(server, '--store', config)).toEqual([
      '{"name":"a","value":"1","cachetime":1000,"accesstime":1000}',
    ]);
  });

  it('tell how far they have come', async () => {
    const server = await startServer();
    const entries = Array.from({ length: 250_000 }, (_, number) =>
      JSON.stringify({ name: `n${number}`, value: 'v', cachetime: 1000 + number }),
    );
    const imported = await sandbox.run(['import', '-'], {
      input: entries.join('\n'),
      env: at(server),
    });
    const lines = (verb: string) =>
      new RegExp(
        `^${verb} 1\\d{5} entries so far\n${verb} 2\\d{5} entries so far\n${verb} 250000 entries\n$`,
        'u',
      );
    expect(imported).toMatchObject({ code: 0, stdout: '' });
    expect(imported.stderr).toMatch(lines('imported'));
    const result = await sandbox.run(['export', 'all.jsonl'], { env: at(server) });
    expect(result.stderr).toMatch(lines('exported'));
    const again = (await readFile(sandbox.path('all.jsonl'), 'utf8')).split('\n').slice(0, -1);
    expect(new Set(again).size).toBe(250_000);
  });
});

describe('clacks import --overwrite', () => {
  it('lets values count as written now, with no more than the right to write', async () => {
    const server = await startServer();
    const client = await RawClient.login(server);
    client.send('STORE a=new', 'STORE gone=stays');
    await client.fence();
    const before = Date.now() / 1000;
    const input =
      '{"name":"a","value":"1","cachetime":5}\n{"name":"gone","deleted":true}\n' +
      '{"name":"b=c","value":"1"}\n{"name":"raw","valueBase64":"/wD+"}\n';
    const env = at(server, 'writer:pw');
    expect(await sandbox.run(['import', '--overwrite', '-'], { input, env })).toMatchObject({
      code: 0,
      stderr:
        'imported 4 entries\nnote: passed over 1 name with a "="\nnote: passed over 1 removed name\n',
    });
    const found = (await exported(server)).map((line) => JSON.parse(line) as Entry);
    expect(found).toMatchObject([
      { name: 'a', value: '1' },
      { name: 'gone', value: 'stays' },
      { name: 'raw', valueBase64: '/wD+' },
    ]);
    expect(found[0]?.cachetime).toBeGreaterThanOrEqual(before);
  });

  it('does so in a store as well', async () => {
    const newer = '{"name":"a","value":"new","cachetime":4000000000}\n';
    await sandbox.run(['import', '--store', 's.lmdb', '-'], { input: newer });
    const input = '{"name":"a","value":"now"}\n{"name":"b=c","value":"1"}\n';
    const result = await sandbox.run(['import', '--store', 's.lmdb', '--overwrite', '-'], {
      input,
    });
    expect(result).toMatchObject({ code: 0, stderr: 'imported 2 entries\n' });
    const { stdout } = await sandbox.run(['export', '--store', 's.lmdb']);
    expect(stdout).toMatch(/^\{"name":"a","value":"now","cachetime":4000000000\.000001,/u);
  });
});

describe('the cache of Net::Clacks', () => {
  it.each(['current.bin', 'older.txt'])('is imported from %s', async (name) => {
    const server = await startServer();
    const expected = readPerlFile(await readFile(path.join(data, name))).filter(
      (entry) => /^[^\r\n ]+$/u.test(entry.name) && !/[\r\n]/u.test(entry.value ?? ''),
    );
    const file = path.join(data, name);
    const result = await sandbox.run(['import', file], { env: at(server) });
    expect(result.stderr).toMatch(new RegExp(`^imported ${expected.length} entries\n`, 'u'));
    expect(result.code).toBe(0);
    const target = sandbox.path('perl');
    expect(await sandbox.run(['export', '--perl', target], { env: at(server) })).toMatchObject({
      ...{ code: 0, stdout: '' },
    });
    const byName = (entries: typeof expected) =>
      new Map(entries.map(({ name: of, value, cacheTime }) => [of, { value, cacheTime }]));
    expect(byName(readPerlFile(await readFile(target)))).toEqual(byName(expected));
  });

  it('says what it passes over, and where a file is torn', async () => {
    const torn = (await readFile(path.join(data, 'current.bin'))).subarray(0, 500);
    await writeFile(sandbox.path('torn'), torn);
    const result = await sandbox.run(['import', '--store', 's.lmdb', 'torn']);
    expect(result).toEqual(failure(1, /torn: incomplete: NUL CLACKSV3 is expected at the end/u));
    expect(await readdir(sandbox.home)).toEqual(['torn']);
    const blank =
      '\0CLACKSV3\n--- \na b: \n  data: 1\n  cachetime: 5\n  accesstime: 5\n  deleted: 0\n' +
      'c: \n  data: 1\n  cachetime: 5\n  accesstime: 5\n  deleted: 0\n\0CLACKSV3';
    const other = await sandbox.run(['import', '--store', 's.lmdb', '-'], { input: blank });
    expect(other).toMatchObject({
      code: 0,
      stderr: 'imported 1 entry\nnote: passed over 1 name that cannot be sent: "a b"\n',
    });
  });
});

describe('an import or export that cannot be', () => {
  it('says what was expected in which line, and how much was imported before', async () => {
    const server = await startServer();
    const line = '{"name":"a","value":"1","cachetime":5}\n';
    await writeFile(sandbox.path('bad.jsonl'), `${line}\n{"name":"a b","value":"1"}\n`);
    const first = await sandbox.run(['import', 'bad.jsonl'], { env: at(server) });
    expect(first).toEqual(failure(1, /bad\.jsonl: line 3: expected a cachetime\./u));
    expect(await exported(server)).toEqual([]);
    const many = Array.from({ length: 20_000 }, (_, number) => line.replace('"a"', `"a${number}"`));
    const input = `${many.join('')}[]\n`;
    const later = await sandbox.run(['import', '-'], { input, env: at(server) });
    const [, count] =
      /^error: standard input: line 20001: expected a JSON object\. Imported (\d+) entries before\.\n$/u.exec(
        later.stderr,
      ) ?? [];
    expect(later.code).toBe(1);
    expect(await exported(server)).toHaveLength(Number(count));
    expect(Number(count)).toBeGreaterThan(0);
  });

  it('is refused to who may not', async () => {
    const server = await startServer();
    const input = '{"name":"a","value":"1","cachetime":5}\n';
    for (const [args, user] of [
      [['export'], 'writer'],
      [['import', '-'], 'writer'],
      [['import', '--overwrite', '-'], 'reader'],
    ] as const) {
      const result = await sandbox.run(args, { input, env: at(server, `${user}:pw`) });
      const [command] = args;
      const line = new RegExp(`permission_denied: ${user} may not use '${command}' at `, 'u');
      expect(result).toEqual(failure(1, line));
    }
    const wrong = await sandbox.run(['export'], { env: at(server, 'admin:no') });
    expect(wrong).toEqual(failure(1, /refuses the login of admin: wrong username or password/u));
    expect(await exported(server)).toEqual([]);
  });

  it('overwrites nothing, and leaves nothing half done', async () => {
    const server = await startServer();
    await writeFile(sandbox.path('mine'), 'mine');
    const there = await sandbox.run(['export', 'mine'], { env: at(server) });
    expect(there).toEqual(failure(1, /mine is there already; choose another name/u));
    const nowhere = await sandbox.run(['export', 'none/e'], { env: at(server) });
    expect(nowhere).toEqual(failure(1, /Cannot write none\/e: ENOENT/u));
    const env = { CLACKS_URL: 'clacks+unix://u:pw@/nowhere/s' };
    const unreachable = await sandbox.run(['export', 'e'], { env });
    expect(unreachable).toEqual(failure(1, /No server at \/nowhere\/s: .*ENOENT/u));
    const damaged = await sandbox.run(['export', '--store', 'mine', 'e']);
    expect(damaged).toEqual(failure(1, /mine is no store of Clacks/u));
    expect(await readFile(sandbox.path('mine'), 'utf8')).toBe('mine');
    expect(await readdir(sandbox.home)).toEqual(['mine']);
  });

  it.each([
    [['import', 'none'], 1, /none cannot be read: ENOENT/u],
    [['import', '.'], 1, /\. cannot be read: EISDIR/u],
    [['import'], 2, /missing required argument/u],
    [['import', '--store', 'none/s.lmdb', '-'], 1, /There is no directory .*none/u],
    [['import', '--store', 's.lmdb', '--host', 'h', '-'], 2, /--host has no meaning with --store/u],
    [['--url', 'clacks://h', 'export', '--store', 's.lmdb'], 2, /--url has no meaning/u],
    [['export', '--store', 's.lmdb'], 1, /s\.lmdb is not there/u],
    [['backup', 'b', 's.lmdb'], 1, /s\.lmdb is not there/u],
    [['--host', 'h', 'backup', 'b', 's.lmdb'], 2, /--host before 'backup' has no meaning/u],
  ])('fails clearly: %j', async (args, code, line) => {
    const result = await sandbox.run(args);
    expect(result).toEqual(failure(code as 1 | 2, line));
    expect(await readdir(sandbox.home)).toEqual([]);
  });
});
