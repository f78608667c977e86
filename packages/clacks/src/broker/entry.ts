import { counterValue, hasFractions, mergeCounters, totalOf } from './counter.ts';
import type { Counter } from './counter.ts';
import { microsPerMs } from './stamp.ts';
import type { Stamped } from './stamp.ts';

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
  /** What to add to its time for its {@link stampOf}, in ms, for the same reason. */
  stampShiftMs: number;
  /** If it was counted up or down since it was written. */
  counter: Counter | undefined;
}

/** What all entries of a cache have in common. */
export interface CacheContext {
  /** What their times count from, by the clock of the tree, in ms since 1970. */
  readonly originMs: number;
  /** When the cache was last emptied: nothing older comes back. */
  readonly cleared: Stamped;
}

/** What became of an entry that another node told of. */
export type Merged =
  /** Nothing: ours is the newer one, and the other node does not know it. */
  | 'older'
  /** Nothing: it is known. */
  | 'known'
  /** It replaced ours. */
  | 'replaced'
  /** Its steps were added to ours: this is their sum. */
  | number;

const microsPerSecond = 1_000_000;

/** When an entry was last written or read, in µs since the cache's origin. */
export const accessTimeOf = ({ cacheTimeUs, accessedAfterS }: CacheEntry): number =>
  cacheTimeUs + accessedAfterS * microsPerSecond;

/** How many whole seconds after a write that is. */
export const secondsAfter = (cacheTimeUs: number, timeUs: number): number =>
  Math.round((timeUs - cacheTimeUs) / microsPerSecond);

/** The time of an entry's last write that no node moves: see {@link Stamped}. */
export const stampOf = ({ cacheTimeUs, stampShiftMs }: CacheEntry): number =>
  cacheTimeUs + stampShiftMs * microsPerMs;

/** When the value was written that an entry has, or that it counts on from. */
const baseOf = (entry: CacheEntry): Stamped =>
  entry.counter?.base ?? { timeUs: entry.cacheTimeUs, stampUs: stampOf(entry) };

const baseValueOf = ({ counter, value }: CacheEntry): string | undefined =>
  counter === undefined ? value : counter.baseValue;

/** Whether steps of some node are kept apart that sum up to no whole number. */
export const isCountedInFractions = ({ counter }: CacheEntry): boolean =>
  counter !== undefined && hasFractions(counter);

/** Whether an entry outlives the emptying of the cache. */
export const isNewer = ({ counter, cacheTimeUs }: CacheEntry, cleared: Stamped): boolean =>
  counter === undefined
    ? cacheTimeUs > cleared.timeUs
    : counter.base.timeUs > cleared.timeUs || counter.base.stampUs === cleared.stampUs;

/**
 * Whether an entry is a tombstone that was due to be forgotten when the other one was last counted:
 * some nodes have done so and begun from nothing, others have not come to it yet.
 */
const isForgotten = (tombstone: CacheEntry, other: CacheEntry, deletedTimeUs: number): boolean =>
  tombstone.value === undefined &&
  tombstone.counter === undefined &&
  other.counter !== undefined &&
  other.cacheTimeUs - tombstone.cacheTimeUs > deletedTimeUs;

/** At the same time, a tombstone counts as newer than a value, and a greater value than a smaller. */
const compareValues = (own: string | undefined, theirs: string | undefined): number => {
  if (own === theirs) return 0;
  return theirs === undefined || (own !== undefined && theirs > own) ? 1 : -1;
};

/**
 * Which of two entries is the newer one: positive if it is the second, 0 if they are the same but for
 * what was counted since. What matters is that all nodes take the same.
 */
const compareBases = (own: CacheEntry, theirs: CacheEntry, deletedTimeUs: number): number => {
  if (isForgotten(own, theirs, deletedTimeUs)) return 1;
  if (isForgotten(theirs, own, deletedTimeUs)) return -1;
  const [ownBase, theirBase] = [baseOf(own), baseOf(theirs)];
  const isSame = ownBase.stampUs === theirBase.stampUs;
  if (!isSame && ownBase.timeUs !== theirBase.timeUs) return theirBase.timeUs - ownBase.timeUs;
  const order = compareValues(baseValueOf(own), baseValueOf(theirs));
  return order !== 0 || isSame ? order : theirBase.stampUs - ownBase.stampUs;
};

/** Makes an entry what another one of the same name is. */
const assignEntry = (own: CacheEntry, theirs: CacheEntry): void => {
  own.value = theirs.value;
  own.cacheTimeUs = theirs.cacheTimeUs;
  own.accessedAfterS = theirs.accessedAfterS;
  own.stampShiftMs = theirs.stampShiftMs;
  own.counter = theirs.counter;
};

/** Moves the time of an entry's last write, but neither its stamp nor when it was read. */
const moveTime = (own: CacheEntry, cacheTimeUs: number): void => {
  const accessTimeUs = accessTimeOf(own);
  own.stampShiftMs = (stampOf(own) - cacheTimeUs) / microsPerMs;
  own.cacheTimeUs = cacheTimeUs;
  own.accessedAfterS = secondsAfter(cacheTimeUs, accessTimeUs);
};

/** The same write, whose time nodes may have moved by different measures: the latest counts. */
const addToValue = (own: CacheEntry, theirs: CacheEntry): Merged => {
  if (theirs.cacheTimeUs <= own.cacheTimeUs) return 'known';
  moveTime(own, theirs.cacheTimeUs);
  return 0;
};

/** The same, with steps since then. */
const addToCounter = (own: CacheEntry, counter: Counter, theirs: CacheEntry): Merged => {
  const before = totalOf(counter);
  const theirBase = baseOf(theirs);
  const isBaseLater = theirBase.timeUs > counter.base.timeUs;
  const isLater = theirs.cacheTimeUs > own.cacheTimeUs;
  const hasMore = theirs.counter !== undefined && mergeCounters(counter, theirs.counter);
  if (!hasMore && !isBaseLater && !isLater) return 'known';
  if (isBaseLater) counter.base = theirBase;
  const accessTimeUs = Math.max(accessTimeOf(own), accessTimeOf(theirs));
  own.value = counterValue(counter);
  own.cacheTimeUs = Math.max(own.cacheTimeUs, theirs.cacheTimeUs);
  own.accessedAfterS = secondsAfter(own.cacheTimeUs, accessTimeUs);
  own.counter = counter;
  return totalOf(counter) - before;
};

const addToSame = (own: CacheEntry, theirs: CacheEntry): Merged => {
  if (own.counter !== undefined) return addToCounter(own, own.counter, theirs);
  if (theirs.counter === undefined) return addToValue(own, theirs);
  const counter = { base: baseOf(own), baseValue: own.value, parts: [] };
  return addToCounter(own, counter, theirs);
};

/**
 * How two entries of the same name become one: the first is changed.
 *
 * @param deletedTimeUs - For how long tombstones are kept.
 */
export type Merge = (own: CacheEntry, theirs: CacheEntry, deletedTimeUs: number) => Merged;

/**
 * The same for an entry of a node that knows of no counters, and whose clock is only about known:
 * the newer one. The same value once more is no newer one: what our nodes know of it shall stay.
 */
export const replaceEntry: Merge = (own, theirs) => {
  if (theirs.cacheTimeUs <= own.cacheTimeUs) return 'older';
  if (theirs.value === own.value) return 'known';
  assignEntry(own, theirs);
  return 'replaced';
};

/**
 * Changes an entry into what it is together with another node's entry of the same name: the newer
 * one of both; if both count on from the same value, that with the steps of both. In whatever order
 * nodes learn of each other's entries, they end up with the same.
 */
export const mergeEntry: Merge = (own, theirs, deletedTimeUs) => {
  const order = compareBases(own, theirs, deletedTimeUs);
  if (order < 0) return 'older';
  if (order === 0) return addToSame(own, theirs);
  assignEntry(own, theirs);
  return 'replaced';
};
