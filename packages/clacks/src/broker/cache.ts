import { decrement, increment } from '@clacks/protocol';
import { addStep, counterValue, totalOf } from './counter.ts';
import type { Counter } from './counter.ts';
import { detach } from './detach.ts';
import { isNewer, mergeEntry } from './entry.ts';
import type { CacheEntry, Merged } from './entry.ts';
import { LargeMap } from './large-map.ts';

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
 * The values that clients store (protocol 7). Times are whole µs since 1970: whoever writes a name
 * after having seen an earlier value of it gives it a later time, whatever the clock says.
 */
export class Cache {
  readonly #times: CacheTimes;
  readonly #nodeId: string;
  #entries = new LargeMap<CacheEntry>();
  #cleaning: Generator<[string, CacheEntry]> | undefined;
  /** Sorted names of all values, until one comes or goes. */
  #sortedKeys: string[] | undefined;
  #newestUs = 0;
  #clearedAtUs = 0;
  /**
   * Whether steps that are no whole numbers are kept apart by node as well. A node that never had a
   * link does without: then sums are rounded step by step, exactly as Perl does.
   */
  countsFractions = false;

  /** @param nodeId - The name of this run of this node, under which its steps are counted. */
  constructor(times: CacheTimes, nodeId: string) {
    this.#times = times;
    this.#nodeId = nodeId;
  }

  /** Entries, tombstones included. */
  get size(): number {
    return this.#entries.size;
  }

  /** When the cache was last emptied, anywhere in the tree: nothing older comes back. 0 = never. */
  get clearedAtUs(): number {
    return this.#clearedAtUs;
  }

  /** What is known of a name: its value or its tombstone. */
  entry(name: string): CacheEntry | undefined {
    return this.#entries.get(name);
  }

  /** All entries. Entries may be added and deleted meanwhile. */
  entries(): Generator<[string, CacheEntry]> {
    return this.#entries.entries();
  }

  /** The value of a name, or `undefined`. Refreshes the access time. */
  retrieve(name: string, nowUs: number): string | undefined {
    const entry = this.#entries.get(name);
    if (entry?.value === undefined) return undefined;
    entry.accessTimeUs = nowUs;
    return entry.value;
  }

  /** Keeps a value. */
  store(name: string, value: string, nowUs: number): void {
    this.#write(name, detach(value), nowUs);
  }

  /** Deletes a value; a tombstone stays, also of a name that had no value. */
  remove(name: string, nowUs: number): void {
    this.#write(name, undefined, nowUs);
  }

  /** Adds a step, as written in the command; see `increment` of the protocol package. */
  increment(name: string, step: string | undefined, nowUs: number): void {
    const amount = step === undefined ? 1 : Number(increment('0', step));
    this.#count(name, increment, step, amount, nowUs);
  }

  /** Subtracts a step, likewise. */
  decrement(name: string, step: string | undefined, nowUs: number): void {
    const amount = step === undefined ? -1 : Number(decrement('0', step));
    this.#count(name, decrement, step, amount, nowUs);
  }

  /**
   * Takes over what another node knows of a name if that is newer, or adds its steps.
   *
   * @param theirs - Is the cache's own from now on.
   * @param merge - How, if there is an entry of that name already.
   */
  merge(name: string, theirs: CacheEntry, merge = mergeEntry): Merged {
    if (!isNewer(theirs, this.#clearedAtUs)) return 'ignored';
    const own = this.#entries.get(name);
    const merged = own === undefined ? 'replaced' : merge(own, theirs);
    if (merged === 'ignored') return merged;
    if (own === undefined) this.#entries.add(detach(name), theirs);
    if (theirs.cacheTimeUs > this.#newestUs) this.#newestUs = theirs.cacheTimeUs;
    this.#sortedKeys = undefined;
    return merged;
  }

  /** Forgets everything, tombstones too, and for good. */
  clear(nowUs: number): void {
    this.clearUpTo(this.#laterThan(undefined, Math.max(nowUs, this.#newestUs + 1)));
  }

  /** Forgets everything that was written up to that time, and for good. */
  clearUpTo(timeUs: number): void {
    if (timeUs <= this.#clearedAtUs) return;
    this.#clearedAtUs = timeUs;
    if (this.#newestUs <= timeUs) {
      this.#forgetAll();
      return;
    }
    for (const [name, entry] of this.#entries.entries()) {
      if (!isNewer(entry, timeUs)) this.#entries.delete(name);
    }
    this.#sortedKeys = undefined;
  }

  /** Forgets everything, as if it had never been there. */
  drop(): void {
    this.#forgetAll();
    this.#clearedAtUs = 0;
    this.#newestUs = 0;
  }

  /** Moves all times: what they were told by another clock. */
  shift(byUs: number): void {
    const shifted = (timeUs: number): number => (timeUs === 0 ? 0 : timeUs + byUs);
    for (const [, entry] of this.#entries.entries()) {
      entry.cacheTimeUs = shifted(entry.cacheTimeUs);
      entry.accessTimeUs = shifted(entry.accessTimeUs);
      const { counter } = entry;
      if (counter === undefined) continue;
      counter.baseTimeUs = shifted(counter.baseTimeUs);
    }
    this.#newestUs = shifted(this.#newestUs);
    this.#clearedAtUs = shifted(this.#clearedAtUs);
  }

  /** The names of all values, in byte order. */
  keys(): readonly string[] {
    if (this.#sortedKeys === undefined) {
      const names: string[] = [];
      for (const [name, { value }] of this.#entries.entries()) {
        if (value !== undefined) names.push(name);
      }
      // Wire strings have one character for each byte, so the default order is byte order.
      this.#sortedKeys = names.sort();
    }
    return this.#sortedKeys;
  }

  /**
   * Forgets tombstones and values that are too old (protocol 7), a few entries at a time so that a
   * large cache does not hold up the connections.
   *
   * @param budget - How many entries to look at.
   * @param forgotten - Called for each entry that was forgotten.
   * @returns Whether the whole cache has been looked at; if not, call again.
   */
  clean(
    nowUs: number,
    budget: number,
    forgotten: (name: string, reason: CleanReason) => void,
  ): boolean {
    this.#cleaning ??= this.#entries.entries();
    for (let looked = 0; looked < budget; looked++) {
      const next = this.#cleaning.next();
      if (next.done === true) {
        this.#cleaning = undefined;
        return true;
      }
      const [name, entry] = next.value;
      const reason = this.#cleanReason(entry, nowUs);
      if (reason === undefined) continue;
      this.#entries.delete(name);
      this.#sortedKeys = undefined;
      forgotten(name, reason);
    }
    return false;
  }

  #cleanReason(entry: CacheEntry, nowUs: number): CleanReason | undefined {
    const { deletedCacheTimeMs, staleCacheTimeMs } = this.#times;
    if (entry.value === undefined) {
      return nowUs - entry.cacheTimeUs > deletedCacheTimeMs * 1000 ? 'CLEANDELETED' : undefined;
    }
    const stale = staleCacheTimeMs > 0 && nowUs - entry.accessTimeUs > staleCacheTimeMs * 1000;
    return stale ? 'CLEANSTALE' : undefined;
  }

  /** The time of a write: now, but later than everything that it comes after. */
  #laterThan(entry: CacheEntry | undefined, nowUs: number): number {
    return Math.max(nowUs, (entry?.cacheTimeUs ?? 0) + 1, this.#clearedAtUs + 1);
  }

  #write(name: string, value: string | undefined, nowUs: number): void {
    const entry = this.#entries.get(name);
    this.#put(name, entry, value, undefined, this.#laterThan(entry, nowUs));
  }

  #count(
    name: string,
    add: typeof increment,
    stepText: string | undefined,
    step: number,
    nowUs: number,
  ): void {
    const entry = this.#entries.get(name);
    const timeUs = this.#laterThan(entry, nowUs);
    const counter = this.#counterOf(entry);
    if (this.#canCount(totalOf(counter) + step)) {
      addStep(counter, this.#nodeId, step);
      this.#put(name, entry, counterValue(counter), counter, timeUs);
    } else {
      this.#put(name, entry, add(entry?.value, stepText), undefined, timeUs);
    }
  }

  #canCount(total: number): boolean {
    return this.countsFractions ? Number.isFinite(total) : Number.isSafeInteger(total);
  }

  #counterOf(entry: CacheEntry | undefined): Counter {
    return (
      entry?.counter ?? {
        baseTimeUs: entry?.cacheTimeUs ?? this.#clearedAtUs,
        baseValue: entry?.value,
        parts: [],
      }
    );
  }

  #put(
    name: string,
    entry: CacheEntry | undefined,
    value: string | undefined,
    counter: Counter | undefined,
    timeUs: number,
  ): void {
    const accessTimeUs = value === undefined ? 0 : timeUs;
    if (timeUs > this.#newestUs) this.#newestUs = timeUs;
    if (entry === undefined) {
      this.#entries.add(detach(name), { value, cacheTimeUs: timeUs, accessTimeUs, counter });
      this.#sortedKeys = undefined;
      return;
    }
    if ((entry.value === undefined) !== (value === undefined)) this.#sortedKeys = undefined;
    entry.value = value;
    entry.cacheTimeUs = timeUs;
    entry.accessTimeUs = accessTimeUs;
    entry.counter = counter;
  }

  #forgetAll(): void {
    this.#entries = new LargeMap();
    this.#cleaning = undefined;
    this.#sortedKeys = undefined;
  }
}
