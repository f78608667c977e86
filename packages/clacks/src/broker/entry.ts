import { counterValue, mergeCounters, totalOf } from './counter.ts';
import type { Counter } from './counter.ts';

/** One value of the cache, or the tombstone of one. Times are whole µs since 1970. */
export interface CacheEntry {
  /** The value as a wire string; `undefined` makes the entry a tombstone. */
  value: string | undefined;
  /** Last write. */
  cacheTimeUs: number;
  /** Last write or RETRIEVE; 0 for a tombstone. */
  accessTimeUs: number;
  /** If it was counted up or down since it was written. */
  counter: Counter | undefined;
}

/**
 * What became of an entry that another node told of: nothing, it replaced ours, or its steps were
 * added to ours: then this is their sum.
 */
export type Merged = 'ignored' | 'replaced' | number;

const baseTimeOf = ({ counter, cacheTimeUs }: CacheEntry): number =>
  counter?.baseTimeUs ?? cacheTimeUs;

const baseValueOf = ({ counter, value }: CacheEntry): string | undefined =>
  counter === undefined ? value : counter.baseValue;

/** Whether an entry outlives the emptying of the cache at that time. */
export const isNewer = (entry: CacheEntry, clearedAtUs: number): boolean =>
  entry.counter === undefined
    ? entry.cacheTimeUs > clearedAtUs
    : entry.counter.baseTimeUs >= clearedAtUs;

/**
 * Which of two entries is the newer one: positive if it is the second. At the same time, a tombstone
 * counts as newer than a value, and a greater value than a smaller one: what matters is that all
 * nodes take the same.
 */
const compareBases = (own: CacheEntry, theirs: CacheEntry): number => {
  const difference = baseTimeOf(theirs) - baseTimeOf(own);
  if (difference !== 0) return difference;
  const [ownValue, theirValue] = [baseValueOf(own), baseValueOf(theirs)];
  if (ownValue === theirValue) return 0;
  return theirValue === undefined || (ownValue !== undefined && theirValue > ownValue) ? 1 : -1;
};

const addTheirSteps = (own: CacheEntry, theirs: CacheEntry, theirCounter: Counter): Merged => {
  const counter = (own.counter ??= { ...theirCounter, parts: [] });
  const before = totalOf(counter);
  if (!mergeCounters(counter, theirCounter)) return 'ignored';
  own.value = counterValue(counter);
  own.cacheTimeUs = Math.max(own.cacheTimeUs, theirs.cacheTimeUs);
  own.accessTimeUs = Math.max(own.accessTimeUs, theirs.accessTimeUs);
  return totalOf(counter) - before;
};

/**
 * The same for an entry of a node that knows of no counters, and whose clock is only about known:
 * the newer one. The same value once more is no newer one: what our nodes know of it shall stay.
 */
export const replaceEntry = (own: CacheEntry, theirs: CacheEntry): Merged => {
  if (theirs.cacheTimeUs <= own.cacheTimeUs || theirs.value === own.value) return 'ignored';
  Object.assign(own, theirs);
  return 'replaced';
};

/**
 * Changes an entry into what it is together with another node's entry of the same name: the newer
 * one of both; if both count on from the same value, that with the steps of both. In whatever order
 * nodes learn of each other's entries, they end up with the same.
 */
export const mergeEntry = (own: CacheEntry, theirs: CacheEntry): Merged => {
  const order = compareBases(own, theirs);
  if (order < 0) return 'ignored';
  if (order > 0) {
    Object.assign(own, theirs);
    return 'replaced';
  }
  return theirs.counter === undefined ? 'ignored' : addTheirSteps(own, theirs, theirs.counter);
};
