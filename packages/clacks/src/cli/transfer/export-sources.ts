import { isNewer } from '../../broker/entry.ts';
import type { StoredContext } from '../../broker/ports.ts';
import { microsPerMs } from '../../broker/stamp.ts';
import { noContext } from '../../storage/store-file.ts';
import { readStore } from '../../storage/store-reading.ts';
import type { ConnectionSettings } from '../connection-settings.ts';
import { toStoredEntry } from './entries.ts';
import type { TakeEntries } from './entries.ts';
import { Link } from './link.ts';

/**
 * Reads all entries of a server.
 *
 * @throws UsageError, CommandError
 */
export const readServer = async (
  settings: ConnectionSettings,
  timeoutMs: number | undefined,
  take: TakeEntries,
): Promise<void> => {
  using link = await Link.open(settings, 'export', timeoutMs);
  await link.sync(take);
  await link.session.quit();
};

/**
 * Reads all entries of a store, as they are at one moment.
 *
 * @throws StoreError
 */
export const readStoreFile = async (file: string, take: TakeEntries): Promise<void> => {
  let context: StoredContext = noContext;
  await readStore(
    file,
    (info) => {
      context = info.context ?? noContext;
    },
    (batch) => {
      const originUs = context.originMs * microsPerMs;
      // What was there when the cache was emptied may not be cleaned up yet.
      const entries = [...batch].filter((entry) => isNewer(entry, context.cleared));
      return take(entries.map((entry) => toStoredEntry(entry, originUs)));
    },
  );
};
