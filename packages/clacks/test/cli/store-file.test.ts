import { mkdir, readFile, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Sandbox, failure, success } from './sandbox.ts';

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await Sandbox.create();
});
afterEach(() => sandbox[Symbol.asyncDispose]());

/** Something to import that is one entry and one tombstone. */
const two =
  '{"name":"a","value":"12345","cachetime":1000}\n{"name":"b","deleted":true,"cachetime":1000}\n';

const makeStore = async (file: string): Promise<void> => {
  const result = await sandbox.run(['import', '--store', file, '-'], { input: two });
  expect(result).toMatchObject({ code: 0, stderr: 'imported 2 entries\n' });
};

/** A configuration with a store beside it. */
const makeConfig = async (persistence = '<persistancefile>cache</persistancefile>') => {
  await writeFile(
    sandbox.path('c.xml'),
    `<clacks><socket>s</socket><username>u</username><password>pw</password>${persistence}</clacks>`,
  );
};

describe('clacks store check', () => {
  it('tells what is in the store that a path or a configuration names', async () => {
    await makeConfig();
    await makeStore('c.xml');
    const { size } = await stat(sandbox.path('cache.lmdb'));
    const store = sandbox.path('cache.lmdb');
    const text =
      `${store} is in order: 2 entries, 1 of them tombstones;\n` +
      `7 bytes of names and values in a file of ${size} bytes\n`;
    expect(await sandbox.run(['store', 'check', 'c.xml'])).toEqual(success(text));
    expect(await sandbox.run(['store', 'check', 'cache.lmdb'])).toEqual(success(text));
    const json = await sandbox.run(['store', 'check', '--json', 'cache.lmdb']);
    expect(JSON.parse(json.stdout)).toEqual({
      ...{ store, entries: 2, tombstones: 1 },
      ...{ bytes: 7, fileBytes: size },
    });
  });

  it('without a path, looks at the server without a configuration, and makes none', async () => {
    const none = await sandbox.run(['store', 'check']);
    expect(none).toEqual(failure(2, /no server without a configuration here: name a store/u));
    expect(await readdir(sandbox.home)).toEqual([]);
    const own = sandbox.path('.config', 'clacks', 'server');
    await sandbox.run(['init', own]);
    const memory = await sandbox.run(['store', 'check']);
    expect(memory).toEqual(failure(2, /names no <persistancefile>/u));
    const config = sandbox.path('.config', 'clacks', 'server', 'clacks.xml');
    const xml = await readFile(config, 'utf8');
    const kept = '<persistancefile>cache</persistancefile></clacks>';
    await writeFile(config, xml.replace('</clacks>', kept));
    await makeStore(config);
    expect(await sandbox.run(['store', 'check'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`${own}/cache.lmdb is in order`) as string,
    });
  });

  it.each([
    [['check', 'none.lmdb'], 1, /none\.lmdb is not there/u],
    [['check', 'none.xml'], 2, /none\.xml/u],
    [['check', 'text'], 1, /text is no store of Clacks/u],
    [['check', 'text/below'], 1, /below is not there/u],
    [['check', 'directory'], 1, /directory cannot be used: EISDIR/u],
    [['check', 'text', 'text'], 2, /too many arguments/u],
    [['--signal', 'check', 'text'], 2, /--signal before 'check' has no meaning/u],
    [['check', '--socket', 's'], 2, /unknown option '--socket'/u],
    [['compact', 'text'], 1, /text is no store of Clacks/u],
    [['repair', 'text'], 1, /text is no store of Clacks/u],
    [['repair', 'none.lmdb'], 1, /none\.lmdb is not there/u],
  ])('fails clearly: store %j', async (args, code, line) => {
    await writeFile(sandbox.path('text'), 'x'.repeat(9000));
    await mkdir(sandbox.path('directory'));
    const result = await sandbox.run(['store', ...args]);
    expect(result).toEqual(failure(code as 1 | 2, line));
    expect((await readFile(sandbox.path('text'), 'utf8')).length).toBe(9000);
  });
});

describe('clacks store repair and compact', () => {
  it('leave a store alone that is in order, or make it small', async () => {
    await makeStore('cache.lmdb');
    const store = sandbox.path('cache.lmdb');
    const repair = await sandbox.run(['store', 'repair', store]);
    expect(repair).toEqual(
      success(`${store} is in order, 2 entries: there is nothing to repair\n`),
    );
    const compact = await sandbox.run(['store', 'compact', store]);
    const { size } = await stat(store);
    expect(compact.stdout).toContain(`${store}: 2 entries in ${size} bytes, before in `);
    expect(compact).toMatchObject({ code: 0, stderr: '' });
  });

  it('make a new store of a damaged one', async () => {
    await makeStore('cache.lmdb');
    const store = sandbox.path('cache.lmdb');
    const bytes = await readFile(store);
    const at = bytes.lastIndexOf('12345');
    bytes[at] = 0x39;
    await writeFile(store, bytes);
    const check = await sandbox.run(['store', 'check', store]);
    expect(check).toEqual(failure(1, /is damaged.*clacks store repair/u));
    const { code, stdout } = await sandbox.run(['store', 'repair', store]);
    expect(code).toBe(0);
    const [, damaged = ''] =
      /^Rescued 1 of 2 entries: \S+\nThe damaged file stays as (\S+\.damaged-\d{8}T\d{6}Z)\n$/u.exec(
        stdout,
      ) ?? [];
    expect((await readFile(damaged)).equals(bytes)).toBe(true);
    const { stdout: exported } = await sandbox.run(['export', '--store', store]);
    expect(exported).toBe('{"name":"b","deleted":true,"cachetime":1000}\n');
  });

  it('say when a file is cut off, and change nothing if there is nothing to rescue', async () => {
    await makeStore('cache.lmdb');
    await truncate(sandbox.path('cache.lmdb'), 8192);
    const check = await sandbox.run(['store', 'check', 'cache.lmdb']);
    expect(check).toEqual(failure(1, /the file is cut off/u));
    const compact = await sandbox.run(['store', 'compact', 'cache.lmdb']);
    expect(compact).toEqual(failure(1, /the file is cut off/u));
    const repair = await sandbox.run(['store', 'repair', 'cache.lmdb']);
    expect(repair).toEqual(failure(1, /nothing of it can be read: put a backup in its place/u));
    expect((await stat(sandbox.path('cache.lmdb'))).size).toBe(8192);
  });

  it('are refused while a server uses the store, which can be checked', async () => {
    await makeConfig();
    const server = sandbox.start(['server', 'c.xml']);
    await server.waitFor('stdout', /Listening on .*\/s \(unix socket\)/u);
    const env = { CLACKS_URL: `clacks+unix://u:pw@${sandbox.path('s')}` };
    await sandbox.run(['store', 'a', '1'], { env });
    for (const args of [
      ['store', 'compact', 'c.xml'],
      ['import', '--store', 'c.xml', '-'],
    ]) {
      const result = await sandbox.run(args, { input: two });
      const line = new RegExp(`is used by another server, process ${server.child.pid}`, 'u');
      expect(result).toEqual(failure(1, line));
    }
    expect(await sandbox.run(['store', 'check', 'c.xml'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 entries') as string,
    });
    expect(await server.kill('SIGTERM')).toMatchObject({ code: 0 });
    expect(await sandbox.run(['store', 'compact', 'c.xml'])).toMatchObject({ code: 0 });
  });
});

describe('the names that are commands of store', () => {
  it('are still stored by the shell, and others by store as before', async () => {
    await makeConfig('');
    const server = sandbox.start(['server', 'c.xml']);
    await server.waitFor('stdout', /Listening on/u);
    sandbox.env['CLACKS_URL'] = `clacks+unix://u:pw@${sandbox.path('s')}`;
    await sandbox.run(['shell'], { input: 'STORE check=1\n' });
    expect(await sandbox.run(['store', 'checked', 'check'])).toEqual(success(''));
    expect(await sandbox.run(['retrieve', 'check'])).toEqual(success('1\n'));
    expect(await sandbox.run(['retrieve', 'checked'])).toEqual(success('check\n'));
    const { stdout } = await sandbox.run(['store', '--help']);
    expect(stdout).toMatch(/stored with 'clacks shell': STORE check=1/u);
  });
});
