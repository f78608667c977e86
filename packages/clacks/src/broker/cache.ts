import { decrement, increment } from '@clacks/protocol';
import { addStep, canCount, counterValue, partIdOf, partOf, totalOf } from './counter.ts';
import type { Counter } from './counter.ts';
import { cleanReasonOf, isDueTombstone, keptUseSOf } from './cache-times.ts';
import type { CacheTimes, CleanReason } from './cache-times.ts';
import { detach } from './detach.ts';
import { isCountedInFractions, isNewer, mergeEntry, secondsAfter, stampOf } from './entry.ts';
import type { CacheContext, CacheEntry, Merge, Merged } from './entry.ts';
import { EntryTable, sizeOf } from './entry-table.ts';
import type { CacheLimits, EntryChanges } from './entry-table.ts';
import { seedOf } from './name-table.ts';
import { SortedNames } from './sorted-names.ts';
import { microsPerMs, never, neverUs } from './stamp.ts';
import type { Stamped } from './stamp.ts';

/** Nodes that count on the same value until it begins anew: see docs/limits.md. */
const maxCounterParts = 256;

/**
 * The values that clients store (protocol 7). The times of its entries are µs since the cache's
 * origin, so that another clock can be adopted without touching each of them: all times that come in
 * and go out here are by the clock of the tree. Whoever writes a name after having seen an earlier
 * value of it gives it a later time, whatever the clock says.
 */
export class Cache {
  readonly #times: CacheTimes;
  #nodeId: string;
  readonly #changes: EntryChanges;
  readonly #table: EntryTable;
  #keptUseS: number;
  #cleaning: Generator<CacheEntry> | undefined;
  readonly #sortedNames = new SortedNames();
  #originMs = 0;
  #newestUs = neverUs;
  #cleared = never;
  /** Whether entries may still be there that are older than that. */
  #hasOutdated = false;
  /**
   * Whether steps that are no whole numbers are kept apart by node as well. A node that never had a
   * link does without: then sums are rounded step by step, exactly as Perl does.
   */
  countsFractions = false;

  /**
   * @param nodeId - The name of this run of this node, under which its steps are counted.
   * @param changes - Is told of all changes.
   */
  constructor(times: CacheTimes & CacheLimits, nodeId: string, changes: EntryChanges) {
    this.#times = times;
    this.#nodeId = nodeId;
    this.#changes = changes;
    this.#table = new EntryTable(times, changes, seedOf(nodeId));
    this.#keptUseS = keptUseSOf(times);
  }

  /** Other times and limits hold than before. */
  limitsChanged(): void {
    this.#keptUseS = keptUseSOf(this.#times);
    this.#table.limitsChanged();
  }

  /** The name under which steps are counted. */
  get nodeId(): string {
    return this.#nodeId;
  }

  /**
   * What {@link restored} has to be told so that the next run goes on counting under that name: also
   * how many counters were forgotten, of which others may still have steps of that name.
   */
  get lastingId(): string {
    return partIdOf(this.#nodeId, this.#table.countersForgotten);
  }

  /** Entries, tombstones included. */
  get size(): number {
    return this.#table.size;
  }

  /** Memory that the entries take, in bytes, about. */
  get bytes(): number {
    return this.#table.bytes;
  }

  /** How many entries were forgotten because there were too many. */
  get evicted(): number {
    return this.#table.evicted;
  }

  /** What the times of its entries count from, by the clock of the tree, in µs since 1970. */
  get originUs(): number {
    return this.#originMs * microsPerMs;
  }

  /** When the cache was last emptied, anywhere in the tree: nothing older comes back. */
  get cleared(): Stamped {
    return this.#cleared;
  }

  get context(): CacheContext {
    return { originMs: this.#originMs, cleared: this.#cleared };
  }

  /** What is known of a name: its value or its tombstone. */
  entry(name: string): CacheEntry | undefined {
    const entry = this.#table.get(name);
    return entry !== undefined && this.#isThere(entry) ? entry : undefined;
  }

  /** What may be the entry of a name with that hash: see `NameTable`. */
  entryByHash(hash: number): CacheEntry | undefined {
    const entry = this.#table.byHash(hash);
    return entry !== undefined && this.#isThere(entry) ? entry : undefined;
  }

  /** A number that is another one whenever an entry has come or gone. */
  get changeCount(): number {
    return this.#table.changeCount;
  }

  /** All entries. Entries may be added and deleted meanwhile. */
  *entries(): Generator<CacheEntry> {
    for (const entry of this.#table.entries()) {
      if (isNewer(entry, this.#cleared)) yield entry;
    }
  }

  /** The value of a name, or `undefined`. Refreshes the access time. */
  retrieve(name: string, nowUs: number): string | undefined {
    const entry = this.entry(name);
    return entry && this.read(entry, nowUs);
  }

  /** The value of an entry, or `undefined`. Refreshes the access time. */
  read(entry: CacheEntry, nowUs: number): string | undefined {
    if (entry.value === undefined) return undefined;
    this.#table.used(entry);
    const afterS = secondsAfter(entry.cacheTimeUs, nowUs - this.originUs);
    if (afterS !== entry.accessedAfterS) this.#wasRead(entry, afterS);
    return entry.value;
  }

  /** Keeps a value. */
  store(name: string, value: string, nowUs: number): void {
    this.#write(name, detach(value), nowUs);
  }

  /**
   * Keeps another value of an entry.
   *
   * @param value - Is not a part of what came in.
   */
  overwrite(entry: CacheEntry, value: string, nowUs: number): void {
    this.#put(entry.name, entry, value, undefined, this.#laterThan(entry, nowUs));
  }

  /** Deletes a value; a tombstone stays, also of a name that had no value. */
  remove(name: string, nowUs: number): void {
    this.#write(name, undefined, nowUs);
  }

  /** Adds a step, as written in the command; see `increment` of the protocol package. */
  increment(name: string, step: string | undefined, nowUs: number): void {
    const amount = step === undefined ? 1 : Number(increment('0', step));
    this.#count(name, this.#slot(name), increment, step, amount, nowUs);
  }

  /** Adds 1 to an entry. */
  countUp(entry: CacheEntry, nowUs: number): void {
    this.#count(entry.name, entry, increment, undefined, 1, nowUs);
  }

  /** Subtracts a step, likewise. */
  decrement(name: string, step: string | undefined, nowUs: number): void {
    const amount = step === undefined ? -1 : Number(decrement('0', step));
    this.#count(name, this.#slot(name), decrement, step, amount, nowUs);
  }

  /**
   * Takes over what another node knows of a name if that is newer, or adds its steps.
   *
   * @param theirs - Is the cache's own from now on. Its times count from the cache's origin.
   * @param merge - How, if there is an entry of that name already.
   */
  merge(theirs: CacheEntry, merge: Merge = mergeEntry): Merged {
    if (!isNewer(theirs, this.#cleared)) return 'older';
    const own = this.#slot(theirs.name);
    this.#newestUs = Math.max(this.#newestUs, theirs.cacheTimeUs);
    if (own === undefined) {
      this.#table.add(theirs);
      const { counter } = theirs;
      return counter !== undefined && counter.baseValue === undefined
        ? totalOf(counter)
        : 'replaced';
    }
    const before = sizeOf(own);
    const wasRemoved = own.value === undefined;
    const merged = merge(own, theirs, this.#times.deletedCacheTimeMs * microsPerMs);
    if (merged === 'older' || merged === 'known') return merged;
    if (wasRemoved !== (own.value === undefined)) this.#sortedNames.forget();
    this.#table.changed(own, before);
    return merged;
  }

  /** Forgets everything, tombstones too, and for good. */
  clear(nowUs: number): void {
    const timeUs = Math.max(nowUs - this.originUs, this.#newestUs + 1, this.#cleared.timeUs + 1);
    this.clearUpTo({ timeUs, stampUs: timeUs + this.originUs });
  }

  /**
   * Forgets everything that was written up to that time, and for good.
   *
   * @returns Whether that was not known yet.
   */
  clearUpTo(cleared: Stamped): boolean {
    const isSame = cleared.stampUs === this.#cleared.stampUs;
    const ahead = cleared.timeUs - this.#cleared.timeUs;
    // Of what nodes have moved by different measures the earliest counts: nothing later was meant.
    if (isSame ? !(ahead < 0) : !(ahead > 0)) return false;
    // What was gone stays so: others may have forgotten it.
    if (isSame && this.#hasOutdated) this.#forgetOutdated();
    this.#cleared = cleared;
    // What is older is not seen any more, and cleaned up when its turn comes.
    if (this.#newestUs <= cleared.timeUs) this.#forgetAll();
    else {
      this.#hasOutdated ||= !isSame;
      this.#changes.contextChanged();
    }
    this.#sortedNames.forget();
    return true;
  }

  /** Forgets everything, as if it had never been there. */
  drop(): void {
    this.#cleared = never;
    this.#newestUs = neverUs;
    this.#forgetAll();
  }

  /** Moves all times: what they were told by another clock. */
  shift(byMs: number): void {
    this.#originMs += byMs;
    this.#changes.contextChanged();
  }

  /** Takes back an entry that was kept elsewhere. */
  restore(entry: CacheEntry): void {
    this.#newestUs = Math.max(this.#newestUs, entry.cacheTimeUs);
    // It has had a link before it was started anew.
    if (isCountedInFractions(entry)) this.countsFractions = true;
    this.#table.restore(entry);
  }

  /**
   * All that was kept elsewhere is back.
   *
   * @param context - What the entries have in common, if anything was kept.
   * @param lastingId - The {@link lastingId} of the run before this one, if that has ended in order.
   */
  restored(context: CacheContext | undefined, lastingId = this.#nodeId): void {
    const [nodeId = lastingId, forgotten = 0] = lastingId.split('.');
    this.#originMs = context?.originMs ?? 0;
    this.#cleared = context?.cleared ?? never;
    this.#hasOutdated = true;
    this.#nodeId = nodeId;
    this.#table.restored(Number(forgotten));
  }

  /** The names of all values, in byte order. */
  keys(): readonly string[] {
    return this.#sortedNames.of(this.entries(), this.#table.changeCount);
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
    this.#cleaning ??= this.#table.entries();
    for (let looked = 0; looked < budget; looked++) {
      const next = this.#cleaning.next();
      if (next.done === true) {
        this.#cleaning = undefined;
        return true;
      }
      const entry = next.value;
      if (!isNewer(entry, this.#cleared)) {
        this.#table.forget(entry);
        continue;
      }
      const reason = cleanReasonOf(entry, nowUs - this.originUs, this.#times);
      if (reason === undefined) continue;
      this.#table.forget(entry);
      forgotten(entry.name, reason);
    }
    return false;
  }

  /** Looking at an entry's time takes time: it lies elsewhere in memory. */
  #isThere(entry: CacheEntry): boolean {
    return !this.#hasOutdated || isNewer(entry, this.#cleared);
  }

  #wasRead(entry: CacheEntry, afterS: number): void {
    const before = entry.accessedAfterS;
    entry.accessedAfterS = afterS;
    const isKept = Math.floor(afterS / this.#keptUseS) === Math.floor(before / this.#keptUseS);
    if (!isKept) this.#table.keepUse(entry);
  }

  /** The entry that a write of a name changes, if there is one. */
  #slot(name: string): CacheEntry | undefined {
    const entry = this.#table.get(name);
    if (entry === undefined || this.#isThere(entry)) return entry;
    this.#table.forget(entry);
    return undefined;
  }

  /** The time of a write: now, but later than everything that it comes after. */
  #laterThan(entry: CacheEntry | undefined, nowUs: number): number {
    return Math.max(
      nowUs - this.originUs,
      (entry?.cacheTimeUs ?? neverUs) + 1,
      this.#cleared.timeUs + 1,
    );
  }

  #write(name: string, value: string | undefined, nowUs: number): void {
    const entry = this.#slot(name);
    this.#put(name, entry, value, undefined, this.#laterThan(entry, nowUs));
  }

  #count(
    name: string,
    entry: CacheEntry | undefined,
    add: typeof increment,
    stepText: string | undefined,
    step: number,
    nowUs: number,
  ): void {
    const timeUs = this.#laterThan(entry, nowUs);
    const counter = this.#counterOf(entry, timeUs);
    if (canCount(step, totalOf(counter) + step, this.countsFractions)) {
      addStep(counter, this.#nodeId, this.#table.countersForgotten, step);
      this.#put(name, entry, counterValue(counter), counter, timeUs);
    } else {
      this.#put(name, entry, add(entry?.value, stepText), undefined, timeUs);
    }
  }

  /** What a step is added to. */
  #counterOf(entry: CacheEntry | undefined, nowUs: number): Counter {
    if (entry === undefined || isDueTombstone(entry, nowUs, this.#times)) {
      return { base: this.#cleared, baseValue: undefined, parts: [] };
    }
    const { counter, value } = entry;
    if (counter === undefined) {
      const base = { timeUs: entry.cacheTimeUs, stampUs: stampOf(entry) };
      return { base, baseValue: value, parts: [] };
    }
    if (counter.parts.length < maxCounterParts || partOf(counter, this.#nodeId)) return counter;
    const base = { timeUs: nowUs, stampUs: nowUs + this.originUs };
    return { base, baseValue: value, parts: [] };
  }

  #put(
    name: string,
    entry: CacheEntry | undefined,
    value: string | undefined,
    counter: Counter | undefined,
    cacheTimeUs: number,
  ): void {
    this.#newestUs = Math.max(this.#newestUs, cacheTimeUs);
    if (entry === undefined) {
      // Written out: an object that is put together of others takes 24 bytes more.
      this.#table.add({
        name: detach(name),
        value,
        cacheTimeUs,
        accessedAfterS: 0,
        stampShiftMs: this.#originMs,
        counter,
      });
      return;
    }
    const before = sizeOf(entry);
    if ((entry.value === undefined) !== (value === undefined)) this.#sortedNames.forget();
    entry.value = value;
    entry.cacheTimeUs = cacheTimeUs;
    entry.accessedAfterS = 0;
    entry.stampShiftMs = this.#originMs;
    entry.counter = counter;
    this.#table.changed(entry, before);
  }

  #forgetOutdated(): void {
    for (const entry of this.#table.entries()) {
      if (!isNewer(entry, this.#cleared)) this.#table.forget(entry);
    }
    this.#hasOutdated = false;
  }

  #forgetAll(): void {
    this.#hasOutdated = false;
    this.#cleaning = undefined;
    this.#sortedNames.forget();
    this.#table.clear();
  }
}
