import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import type { ServerConfig } from '../config/schema.ts';
import { readPerlCache, toCacheEntry } from '../storage/imported.ts';
import { LmdbStore } from '../storage/lmdb-store.ts';
import { makeStore, noContext, storeFileOf } from '../storage/store-file.ts';

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
 * The store that the configuration names, if it does. On its first start it takes over what
 * Net::Clacks has kept under that name.
 *
 * @throws StoreError if something is there that cannot be used.
 */
export const prepareStore = async (
  { persistenceFile }: ServerConfig,
  logger: Logger,
): Promise<LmdbStore | undefined> => {
  if (persistenceFile === undefined) return undefined;
  const file = storeFileOf(persistenceFile);
  if (!existsSync(file)) await importPerlCache(persistenceFile, file, logger);
  return new LmdbStore(file);
};
