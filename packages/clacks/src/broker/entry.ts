import { counterValue, mergeCounters, totalOf } from './counter.ts';
import type { Counter } from './counter.ts';

/**
 * One value of the cache, or the tombstone of one. There may be millions: what it holds is what
 * memory a name costs.
 */
export interface CacheEntry {
  readonly name: string;
  /** The value as a wire string; `undefined` makes the entry a tombstone. */
  value: string | undefined;
  /** Last write, in whole µs since the cache's origin: see `Cache`. */
  cacheTimeUs: number;
  /** How long after that it was last read, in whole seconds, which take less memory than a time. */
  accessedAfterS: number;
  /** If it was counted up or down since it was written. */
  counter: Counter | undefined;
}

/**
 * What became of an entry that another node told of: nothing, it replaced ours, or its steps were
 * added to ours: then this is their sum.
 */
export type Merged = 'ignored' | 'replaced' | number;

const microsPerSecond = 1_000_000;

/** When an entry was last written or read, in µs since the cache's origin. */
export const accessTimeOf = ({ cacheTimeUs, accessedAfterS }: CacheEntry): number =>
  cacheTimeUs + accessedAfterS * microsPerSecond;

/** How many whole seconds after a write that is. */
export const secondsAfter = (cacheTimeUs: number, timeUs: number): number =>
  Math.round((timeUs - cacheTimeUs) / microsPerSecond);

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

/** Makes an entry what another one of the same name is. */
const assignEntry = (own: CacheEntry, theirs: CacheEntry): void => {
  own.value = theirs.value;
  own.cacheTimeUs = theirs.cacheTimeUs;
  own.accessedAfterS = theirs.accessedAfterS;
  own.counter = theirs.counter;
};

const addTheirSteps = (own: CacheEntry, theirs: CacheEntry, theirCounter: Counter): Merged => {
  const counter = (own.counter ??= { ...theirCounter, parts: [] });
  const before = totalOf(counter);
  if (!mergeCounters(counter, theirCounter)) return 'ignored';
  const accessTimeUs = Math.max(accessTimeOf(own), accessTimeOf(theirs));
  own.value = counterValue(counter);
  own.cacheTimeUs = Math.max(own.cacheTimeUs, theirs.cacheTimeUs);
  own.accessedAfterS = secondsAfter(own.cacheTimeUs, accessTimeUs);
  return totalOf(counter) - before;
};

/** How two entries of the same name become one: the first is changed. */
export type Merge = (own: CacheEntry, theirs: CacheEntry) => Merged;

/**
 * The same for an entry of a node that knows of no counters, and whose clock is only about known:
 * the newer one. The same value once more is no newer one: what our nodes know of it shall stay.
 */
export const replaceEntry: Merge = (own, theirs) => {
  if (theirs.cacheTimeUs <= own.cacheTimeUs || theirs.value === own.value) return 'ignored';
  assignEntry(own, theirs);
  return 'replaced';
};

/**
 * Changes an entry into what it is together with another node's entry of the same name: the newer
 * one of both; if both count on from the same value, that with the steps of both. In whatever order
 * nodes learn of each other's entries, they end up with the same.
 */
export const mergeEntry: Merge = (own, theirs) => {
  const order = compareBases(own, theirs);
  if (order < 0) return 'ignored';
  if (order > 0) {
    assignEntry(own, theirs);
    return 'replaced';
  }
  return theirs.counter === undefined ? 'ignored' : addTheirSteps(own, theirs, theirs.counter);
};
