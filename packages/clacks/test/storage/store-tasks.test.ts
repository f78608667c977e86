import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { open as openLmdb } from 'lmdb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { childrenOf } from '../../../../test/support/processes.ts';
import { LmdbStore } from '../../src/storage/lmdb-store.ts';
import { makeStore } from '../../src/storage/store-file.ts';
import { readStore } from '../../src/storage/store-reading.ts';
import { repairStore } from '../../src/storage/store-repair.ts';
import { checkStore, compactStore, copyStore } from '../../src/storage/store-tasks.ts';
import {
  contentOf,
  context,
  entryOf,
  makeUsedStore,
  openStore,
  save,
  useElsewhere,
} from './support.ts';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
  file = path.join(directory, 'cache.lmdb');
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe('a store that is checked', () => {
  it('tells what is in it, also while it is in use', async () => {
    const { store } = await openStore(file);
    await save(store, [entryOf('a', '12345'), entryOf('b', undefined)]);
    expect(await checkStore(file)).toMatchObject({ entries: 2, tombstones: 1, bytes: 7 });
    await store.close(undefined);
    expect(await checkStore(file)).toMatchObject({ entries: 2 });
  });

  it.each([
    ['no file', 'missing', undefined, /is not there/u],
    ['an empty one', 'missing', '', /is not there/u],
    ['another one', 'foreign', 'x'.repeat(9000), /is no store of Clacks/u],
  ])('is refused if there is %s', async (_, problem, content, message) => {
    if (content !== undefined) await writeFile(file, content);
    const expected = { problem, message: expect.stringMatching(message) as string };
    await expect(checkStore(file)).rejects.toMatchObject(expected);
    await expect(compactStore(file)).rejects.toMatchObject(expected);
    await expect(repairStore(file, 0)).rejects.toMatchObject(expected);
    await expect(copyStore(file, `${file}.copy`)).rejects.toMatchObject(expected);
    expect(await readdir(directory)).toEqual(content === undefined ? [] : ['cache.lmdb']);
  });

  it('is refused if another program keeps something of its own in LMDB there', async () => {
    const other = openLmdb({ path: file, noSubdir: true });
    await other.openDB('settings', {}).put('colour', 'red');
    await other.close();
    const before = await readFile(file);
    await expect(LmdbStore.open(file, () => undefined)).rejects.toMatchObject({
      problem: 'foreign',
    });
    await expect(checkStore(file)).rejects.toMatchObject({ problem: 'foreign' });
    expect((await readFile(file)).equals(before)).toBe(true);
  });

  it('is unusable if it is a directory, or in a file', async () => {
    await expect(checkStore(directory)).rejects.toMatchObject({ problem: 'unusable' });
    await writeFile(file, 'x');
    await expect(checkStore(path.join(file, 'b.lmdb'))).rejects.toMatchObject({
      problem: 'missing',
    });
  });
});

describe('a store that is read', () => {
  it('does not grow for ever when the reader is killed', async () => {
    const { store } = await openStore(file);
    const names = Array.from({ length: 15_000 }, (_, number) => `name${number}`);
    const write = async (times: number): Promise<number> => {
      for (let time = 0; time < times; time++) {
        const entries = names.map((name) => entryOf(name, String(time).padEnd(100, 'x')));
        await save(store, entries);
      }
      return (await stat(file)).size;
    };
    const before = await write(5);
    const killed = readStore(
      file,
      () => undefined,
      async () => {
        for (const pid of await childrenOf(process.pid, '"what":"read"')) {
          process.kill(pid, 'SIGKILL');
        }
      },
    );
    await expect(killed).rejects.toMatchObject({
      message: expect.stringMatching(/was ended by SIGKILL/u) as string,
    });
    expect(await write(10)).toBeLessThan(before * 2);
    await store.close(undefined);
  });
});

describe('a store that is copied', () => {
  it('is the same, and another server can use the copy at once', async () => {
    const expected = await makeUsedStore(file);
    const { store } = await openStore(file);
    const copy = path.join(directory, 'copy.lmdb');
    await copyStore(file, copy);
    expect(await contentOf(copy)).toEqual(expected);
    const other = await openStore(copy);
    // Two nodes of the same name would count under one name.
    expect(other.nodeId).toBeUndefined();
    await other.store.close(undefined);
    await store.close(undefined);
  });

  it('is of one moment: of changes that were made together it has all or none', async () => {
    const { store } = await openStore(file);
    const names = Array.from({ length: 3000 }, (_, number) => `name${number}`);
    const write = (value: string) =>
      save(
        store,
        names.map((name) => entryOf(name, value)),
      );
    await write('0');
    const over = new AbortController();
    const writing = (async () => {
      for (let round = 1; !over.signal.aborted; round++) await write(String(round));
    })();
    for (let copies = 0; copies < 5; copies++) {
      const copy = path.join(directory, `copy${copies}.lmdb`);
      await copyStore(file, copy);
      const values = [...(await contentOf(copy)).values()].map(({ value }) => value);
      expect(values).toHaveLength(names.length);
      expect(new Set(values).size).toBe(1);
    }
    over.abort();
    await writing;
    await store.close(undefined);
  });

  it('replaces nothing, and leaves nothing behind when it fails', async () => {
    await makeStore(file, [entryOf('a', '1')], context);
    const copy = path.join(directory, 'copy.lmdb');
    await writeFile(copy, 'mine');
    await expect(copyStore(file, copy)).rejects.toMatchObject({
      message: expect.stringMatching(/is there already/u) as string,
    });
    expect(await readFile(copy, 'utf8')).toBe('mine');
    const nowhere = path.join(copy, 'below', 'a.lmdb');
    await expect(copyStore(file, nowhere)).rejects.toMatchObject({ problem: 'unusable' });
    const names = (await readdir(directory)).filter((name) => !name.endsWith('-lock'));
    expect(names).toEqual(['cache.lmdb', 'copy.lmdb']);
  });
});

describe('a store that is compacted', () => {
  it('shrinks, and is otherwise the same', async () => {
    const expected = await makeUsedStore(file);
    const { store } = await openStore(file);
    const removed = [...expected.keys()].filter((_, index) => index % 10 > 0);
    await save(store, removed);
    await store.close('run');
    for (const name of removed) expected.delete(name);
    const { entries, fileBytes, fileBytesBefore } = await compactStore(file);
    expect(entries).toBe(expected.size);
    expect(fileBytes).toBeLessThan(fileBytesBefore / 4);
    expect(await contentOf(file)).toEqual(expected);
    // The run that has left it in order goes on.
    const again = await LmdbStore.open(file, () => undefined);
    expect(again.info).toMatchObject({ nodeId: 'run', context });
    await again.store.close(undefined);
  });

  it('stays as it is while a server uses it', async () => {
    await makeStore(file, [entryOf('a', '1')], context);
    await using user = await useElsewhere(file);
    const before = await readFile(file);
    await expect(compactStore(file)).rejects.toMatchObject({
      problem: 'in_use',
      message: expect.stringContaining(String(user.pid)) as string,
    });
    expect((await readFile(file)).equals(before)).toBe(true);
  });

  // LMDB keeps two states, and counts beside the file which of them is the last one.
  it.each([1, 2])(
    'can be used at once while what was there is still read, after %d',
    async (more) => {
      const expected = await makeUsedStore(file);
      const { store: used } = await openStore(file);
      for (let count = 0; count < more; count++) await save(used, [entryOf('more', String(count))]);
      await used.close(undefined);
      expected.set('more', entryOf('more', String(more - 1)));
      let proceed: () => void = () => undefined;
      const paused = new Promise<void>((resolve) => {
        proceed = resolve;
      });
      let begun: () => void = () => undefined;
      const hasBegun = new Promise<void>((resolve) => {
        begun = resolve;
      });
      let read = 0;
      const reading = readStore(
        file,
        () => undefined,
        async (entries) => {
          read += [...entries].length;
          begun();
          await paused;
        },
      );
      await hasBegun;
      await compactStore(file);
      const { store } = await openStore(file);
      await save(store, [entryOf('new', '1')]);
      await store.close(undefined);
      proceed();
      await reading;
      expect(read).toBe(expected.size);
      expected.set('new', entryOf('new', '1'));
      expect(await contentOf(file)).toEqual(expected);
    },
  );
});
