import { randomBytes } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import path from 'node:path';
import type { CacheEntry, Change, StoredContext } from '../broker/ports.ts';
import { LmdbStore } from './lmdb-store.ts';
import { StoreError } from './store-error.ts';

/** The store that belongs to what a configuration calls its persistence file. */
export const storeFileOf = (persistenceFile: string): string => `${persistenceFile}.lmdb`;

/** What LMDB keeps beside a file. */
export const lockFileOf = (file: string): string => `${file}-lock`;

/** What the entries of another kind of file have in common: nothing. */
export const noContext: StoredContext = {
  originMs: 0,
  cleared: { timeUs: -Infinity, stampUs: -Infinity },
  clock: undefined,
  clockOffsetMs: 0,
};

/** Most entries that are written in one go. */
const batchEntries = 16_384;

/** Makes sure that the names in a directory are on the disk. */
export const syncDirectory = async (directory: string): Promise<void> => {
  await using handle = await open(directory, 'r');
  await handle.sync();
};

const saveAll = async (
  store: LmdbStore,
  entries: Iterable<CacheEntry>,
  context: StoredContext,
): Promise<void> => {
  const save = (batch: readonly Change[]): Promise<string | undefined> =>
    new Promise((resolve) => {
      store.onSaved(resolve);
      store.save(batch, context);
    });
  const fail = (reason: string): never => {
    throw new StoreError('unusable', `The entries cannot be written: ${reason}.`);
  };
  let batch: CacheEntry[] = [];
  for (const entry of entries) {
    batch.push(entry);
    if (batch.length < batchEntries) continue;
    const failure = await save(batch);
    if (failure !== undefined) fail(failure);
    batch = [];
  }
  const failure = await save(batch);
  if (failure !== undefined) fail(failure);
};

/** Gives a file another name, unless there is one of that name. */
const place = async (from: string, to: string): Promise<void> => {
  try {
    await link(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
};

/** Removes a store's file, and what LMDB keeps beside it. */
const removeStore = async (file: string): Promise<void> => {
  await rm(file, { force: true });
  await rm(lockFileOf(file), { force: true });
};

/**
 * Makes a store of entries. It is there when all of them are, or not at all. One that is there already
 * stays: somebody else may have made it meanwhile.
 *
 * @throws StoreError if it cannot be written.
 */
export const makeStore = async (
  file: string,
  entries: Iterable<CacheEntry>,
  context: StoredContext,
): Promise<void> => {
  // Others may be about to do the same.
  const unfinished = `${file}.${randomBytes(6).toString('hex')}.new`;
  try {
    const { store } = await LmdbStore.open(unfinished, () => undefined);
    try {
      await saveAll(store, entries, context);
    } finally {
      await store.close(undefined);
    }
    await place(unfinished, file);
    await syncDirectory(path.dirname(file));
  } finally {
    await removeStore(unfinished);
  }
};
