import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import type { CacheEntry, StoredContext } from '../broker/ports.ts';
import type { ServerConfig } from '../config/schema.ts';
import { readPerlCache, toCacheEntry } from '../storage/imported.ts';
import { LmdbStore } from '../storage/lmdb-store.ts';
import { makeStore, noContext, storeFileOf } from '../storage/store-file.ts';

/** The cache as it was kept, and where it is kept from now on. */
export interface KeptCache {
  readonly store: LmdbStore;
  /** Hands out the entries, once. */
  readonly takeEntries: () => readonly CacheEntry[];
  /** What all entries have in common, if anything was kept before. */
  readonly context: StoredContext | undefined;
  /** The name of the node's run before this one, if that has ended in order. */
  readonly nodeId: string | undefined;
}

const importPerlCache = async (
  persistenceFile: string,
  storeFile: string,
  logger: Logger,
): Promise<void> => {
  const found = await readPerlCache(persistenceFile);
  if (found === undefined) return;
  const { file, entries, problems } = found;
  for (const problem of problems) logger.warn({ problem }, 'a backup is taken instead');
  const nowS = Date.now() / 1000;
  // Of a name that comes twice the last one counts.
  const byName = new Map(entries.map((entry) => [entry.name, toCacheEntry(entry, nowS)]));
  await makeStore(storeFile, byName.values(), noContext);
  const details = { file, entries: byName.size, store: storeFile };
  logger.info(details, 'imported the cache of Net::Clacks; its file stays as it is');
};

/**
 * Opens the store that the configuration names, if it does, and reads all that is kept. On its first
 * start it takes over what Net::Clacks has kept under that name.
 *
 * @throws StoreError if something is there that cannot be used.
 */
export const openKeptCache = async (
  { persistenceFile }: ServerConfig,
  logger: Logger,
): Promise<KeptCache | undefined> => {
  if (persistenceFile === undefined) return undefined;
  const file = storeFileOf(persistenceFile);
  if (!existsSync(file)) await importPerlCache(persistenceFile, file, logger);
  const entries: CacheEntry[] = [];
  const { store, info } = await LmdbStore.open({
    file,
    entry: (entry) => {
      entries.push(entry);
    },
  });
  logger.info({ store: file, entries: entries.length }, 'the cache is as it was kept');
  if (info.unwritable !== undefined) {
    logger.error({ store: file, reason: info.unwritable }, 'the store cannot be written');
  }
  return {
    store,
    takeEntries: () => entries.splice(0),
    context: info.context,
    nodeId: info.nodeId,
  };
};
