import { accessTimeOf } from './entry.ts';
import type { CacheEntry } from './entry.ts';

/** How long the cache keeps what. */
export interface CacheTimes {
  /** For how long a removed entry's tombstone is kept, in ms. */
  readonly deletedCacheTimeMs: number;
  /** For how long an entry is kept that nobody reads or writes, in ms; 0 = for ever. */
  readonly staleCacheTimeMs: number;
}

/** Why cleaning forgot an entry, in the words of the MONITOR mirror (protocol 6). */
export type CleanReason = 'CLEANDELETED' | 'CLEANSTALE';

/**
 * Why an entry is to be forgotten, if it is.
 *
 * @param nowUs - Since the cache's origin.
 */
export const cleanReasonOf = (
  entry: CacheEntry,
  nowUs: number,
  { deletedCacheTimeMs, staleCacheTimeMs }: CacheTimes,
): CleanReason | undefined => {
  if (entry.value === undefined) {
    return nowUs - entry.cacheTimeUs > deletedCacheTimeMs * 1000 ? 'CLEANDELETED' : undefined;
  }
  const stale = staleCacheTimeMs > 0 && nowUs - accessTimeOf(entry) > staleCacheTimeMs * 1000;
  return stale ? 'CLEANSTALE' : undefined;
};

/**
 * Whether an entry is the tombstone of a value that is due to be forgotten. Some nodes have come to
 * forget it, others not yet: what counts is when it is due.
 *
 * @param nowUs - Since the cache's origin.
 */
export const isDueTombstone = (
  { value, counter, cacheTimeUs }: CacheEntry,
  nowUs: number,
  { deletedCacheTimeMs }: CacheTimes,
): boolean =>
  value === undefined && counter === undefined && nowUs - cacheTimeUs > deletedCacheTimeMs * 1000;

/** Reads are kept to the hour, or better where values are forgotten sooner, in seconds. */
const keptUseS = 3600;
const keptUsesInStaleTime = 24;

/** How far apart reads have to be to be kept as two, in seconds. */
export const keptUseSOf = ({ staleCacheTimeMs }: CacheTimes): number => {
  const staleS = staleCacheTimeMs / 1000 / keptUsesInStaleTime;
  return staleS === 0 ? keptUseS : Math.max(1, Math.min(keptUseS, staleS));
};
