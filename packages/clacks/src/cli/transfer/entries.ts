import { accessTimeOf } from '../../broker/entry.ts';
import type { CacheEntry } from '../../broker/entry.ts';
import type { StoredEntry } from '../../storage/stored-entry.ts';

const microsPerSecond = 1_000_000;

/**
 * An entry of a cache as one of a file.
 *
 * @param originUs - What its times count from.
 */
export const toStoredEntry = (entry: CacheEntry, originUs: number): StoredEntry => {
  const { name, value, cacheTimeUs } = entry;
  return {
    name,
    value,
    cacheTime: (cacheTimeUs + originUs) / microsPerSecond,
    accessTime: value === undefined ? 0 : (accessTimeOf(entry) + originUs) / microsPerSecond,
  };
};

/** Takes entries. The next ones come when it has. */
export type TakeEntries = (entries: readonly StoredEntry[]) => Promise<void>;
