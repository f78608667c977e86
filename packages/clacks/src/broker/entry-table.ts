import { accessTimeOf } from './entry.ts';
import type { CacheEntry } from './entry.ts';
import { NameTable } from './name-table.ts';
import { Recency } from './recency.ts';

/** How much the cache may hold. */
export interface CacheLimits {
  /** Most entries, tombstones included; 0 = no limit. */
  readonly maxCacheEntries: number;
  /** Most bytes of memory that they take, about; 0 = no limit. */
  readonly maxCacheBytes: number;
}

/** Who is told what becomes of entries, to keep them elsewhere as well. */
export interface EntryChanges {
  /** An entry is new, or is not what it was. */
  changed(entry: CacheEntry): void;
  /** An entry is not there any more. */
  forgotten(entry: CacheEntry): void;
  /** No entry is there any more. */
  cleared(): void;
  /** What all entries have in common is not what it was: when the cache was emptied, its origin. */
  contextChanged(): void;
}

/** Nobody keeps entries elsewhere. */
export const unrecorded: EntryChanges = {
  changed: () => undefined,
  forgotten: () => undefined,
  cleared: () => undefined,
  contextChanged: () => undefined,
};

/** Memory that an entry takes besides its name and value, in bytes, about as measured. */
const entryBytes = 200;
/** And besides that what was counted, in bytes. */
const counterBytes = 250;

/** The memory that an entry takes, in bytes, about. */
export const sizeOf = ({ name, value, counter }: CacheEntry): number =>
  entryBytes + name.length + (value?.length ?? 0) + (counter === undefined ? 0 : counterBytes);

/**
 * Entries by name. Knows what memory they take, forgets those used longest ago when there are too
 * many, and tells what becomes of each.
 */
export class EntryTable {
  readonly #limits: CacheLimits;
  readonly #changes: EntryChanges;
  /** Costs memory and time: there is none where nothing is limited. */
  #recency: Recency<CacheEntry> | undefined;
  #changeCount = 0;
  readonly #seed: number;
  #entries: NameTable<CacheEntry>;
  #bytes = 0;
  #evicted = 0;
  #countersForgotten = 0;

  /**
   * @param changes - Is told of all but what is restored.
   * @param seed - Of the hashes of names: see {@link NameTable}.
   */
  constructor(limits: CacheLimits, changes: EntryChanges, seed: number) {
    this.#seed = seed;
    this.#entries = new NameTable(seed);
    this.#limits = limits;
    this.#changes = changes;
    this.#recency = this.#isLimited ? new Recency() : undefined;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Memory that the entries take, in bytes, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many entries were forgotten because there were too many. */
  get evicted(): number {
    return this.#evicted;
  }

  /** How many entries that were counted are not there any more. */
  get countersForgotten(): number {
    return this.#countersForgotten;
  }

  /** A number that is another one whenever an entry has come or gone. */
  get changeCount(): number {
    return this.#changeCount;
  }

  get(name: string): CacheEntry | undefined {
    return this.#entries.get(name);
  }

  /** What may be the entry of a name: see {@link NameTable.byHash}. */
  byHash(hash: number): CacheEntry | undefined {
    return this.#entries.byHash(hash);
  }

  /** All entries. Some may come and go meanwhile. */
  entries(): Generator<CacheEntry> {
    return this.#entries.values();
  }

  /** Adds an entry whose name is not there yet. */
  add(entry: CacheEntry): void {
    this.#changeCount++;
    this.#entries.add(entry);
    this.changed(entry, 0);
  }

  /** Adds an entry that was kept elsewhere. */
  restore(entry: CacheEntry): void {
    this.#changeCount++;
    this.#entries.add(entry);
    this.#bytes += sizeOf(entry);
  }

  /**
   * All that was kept elsewhere is there.
   *
   * @param countersForgotten - How many counters had been forgotten before.
   */
  restored(countersForgotten: number): void {
    this.#countersForgotten = countersForgotten;
    this.#orderByUse();
  }

  /** Other limits hold than before. */
  limitsChanged(): void {
    if (!this.#isLimited) {
      this.#recency = undefined;
    } else if (this.#recency === undefined) {
      this.#recency = new Recency();
      this.#orderByUse();
    } else {
      this.#evict(this.#recency);
    }
  }

  /**
   * An entry was changed.
   *
   * @param bytesBefore - What {@link sizeOf} said before.
   */
  changed(entry: CacheEntry, bytesBefore: number): void {
    this.#bytes += sizeOf(entry) - bytesBefore;
    this.#changes.changed(entry);
    if (this.#recency === undefined) return;
    this.#recency.touch(entry);
    this.#evict(this.#recency);
  }

  /** An entry was read. */
  used(entry: CacheEntry): void {
    this.#recency?.touch(entry);
  }

  /** When an entry was last read is to be kept. */
  keepUse(entry: CacheEntry): void {
    this.#changes.changed(entry);
  }

  /** Takes an entry out. */
  forget(entry: CacheEntry): void {
    this.#recency?.delete(entry);
    this.#remove(entry);
  }

  /** Takes all out. */
  clear(): void {
    this.#changeCount++;
    this.#entries = new NameTable(this.#seed);
    this.#bytes = 0;
    this.#countersForgotten++;
    this.#recency?.clear();
    this.#changes.cleared();
  }

  get #isLimited(): boolean {
    const { maxCacheEntries, maxCacheBytes } = this.#limits;
    return maxCacheEntries > 0 || maxCacheBytes > 0;
  }

  #orderByUse(): void {
    if (this.#recency === undefined) return;
    const byUse = [...this.entries()].sort(
      (left, right) => accessTimeOf(left) - accessTimeOf(right),
    );
    for (const entry of byUse) this.#recency.touch(entry);
    this.#evict(this.#recency);
  }

  #remove(entry: CacheEntry): void {
    this.#changeCount++;
    this.#entries.delete(entry.name);
    this.#bytes -= sizeOf(entry);
    if (entry.counter !== undefined) this.#countersForgotten++;
    this.#changes.forgotten(entry);
  }

  #evict(recency: Recency<CacheEntry>): void {
    const { maxCacheEntries, maxCacheBytes } = this.#limits;
    while (
      (maxCacheEntries > 0 && this.size > maxCacheEntries) ||
      (maxCacheBytes > 0 && this.#bytes > maxCacheBytes)
    ) {
      const oldest = recency.takeOldest();
      if (oldest === undefined) return;
      this.#remove(oldest);
      this.#evicted++;
    }
  }
}
