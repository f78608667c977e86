import { open, readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { randomFrom } from '../../../../test/support/random.ts';
import type { CacheEntry, Change } from '../../src/broker/ports.ts';
import { LmdbStore } from '../../src/storage/lmdb-store.ts';
import { StoreChild } from '../../src/storage/store-child.ts';
import { noContext } from '../../src/storage/store-file.ts';
import { readStore } from '../../src/storage/store-reading.ts';

/** LMDB's pages. */
export const pageBytes = 4096;

/** What is common to the entries of these stores: none of it is as in a new one. */
export const context = { ...noContext, originMs: 1234, clock: 'another', clockOffsetMs: 5 };

/** An entry of that name. */
export const entryOf = (name: string, value: string | undefined): CacheEntry => ({
  name,
  value,
  cacheTimeUs: 1_700_000_000_000_000,
  accessedAfterS: 3,
  stampShiftMs: 0,
  counter: undefined,
});

/** Writes changes. */
export const save = async (store: LmdbStore, changes: readonly Change[]): Promise<void> => {
  const failure = await new Promise<string | undefined>((resolve) => {
    store.onSaved(resolve);
    store.save(changes, context);
  });
  expect(failure).toBeUndefined();
};

/** Opens a store to write it. */
export const openStore = async (
  of: string,
): Promise<{ store: LmdbStore; nodeId: string | undefined }> => {
  const { store, info } = await LmdbStore.open(of, () => undefined);
  return { store, nodeId: info.nodeId };
};

/** All that is in a store. */
export const contentOf = async (of: string): Promise<Map<string, CacheEntry>> => {
  const found = new Map<string, CacheEntry>();
  await readStore(
    of,
    () => undefined,
    (entries) => {
      for (const entry of entries) found.set(entry.name, entry);
    },
  );
  return found;
};

/**
 * Makes a store with gaps, as one that was used has: some values take pages of their own.
 *
 * @returns What is in it.
 */
export const makeUsedStore = async (of: string): Promise<Map<string, CacheEntry>> => {
  const random = randomFrom(4);
  const expected = new Map<string, CacheEntry>();
  const { store } = await openStore(of);
  for (let batch = 0; batch < 40; batch++) {
    const changes = new Map<string, Change>();
    for (let change = 0; change < 150; change++) {
      const name = `Kitchen::Sensor${Math.floor(random() * 4000)}`;
      const length = random() < 0.02 ? 9000 : 20;
      const value = random() < 0.1 ? undefined : `${batch} `.padEnd(length, 'x');
      changes.set(name, random() < 0.2 ? name : entryOf(name, value));
    }
    for (const [name, change] of changes) {
      if (typeof change === 'object') expected.set(name, change);
      else expected.delete(name);
    }
    await save(store, [...changes.values()]);
  }
  await store.close('run');
  return expected;
};

/** Replaces a page of a file. */
export const overwritePage = async (of: string, page: number, bytes: Buffer): Promise<void> => {
  await using handle = await open(of, 'r+');
  await handle.write(bytes, 0, pageBytes, page * pageBytes);
};

/** The page on which a text stands. */
export const pageWith = async (of: string, text: string): Promise<number> =>
  Math.floor((await readFile(of)).indexOf(text, 0, 'latin1') / pageBytes);

/** Lets the process that runs the tests use a store: to this one it is another one. */
export const useElsewhere = async (
  of: string,
): Promise<AsyncDisposable & { readonly pid: number }> => {
  const pid = process.ppid;
  let ended: () => void = () => undefined;
  const hasEnded = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const child = await new Promise<StoreChild>((resolve, reject) => {
    const owner = { pid, token: 'another' };
    const started = new StoreChild({ file: of, what: 'hold', owner }, (report) => {
      if (report.kind === 'opened') resolve(started);
      else if (report.kind === 'ended') ended();
      else reject(new Error(report.kind));
    });
  });
  return {
    pid,
    [Symbol.asyncDispose]: () => {
      child.kill();
      return hasEnded;
    },
  };
};
