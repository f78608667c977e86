import { decrement, increment } from '@clacks/protocol';
import { detach } from './detach.ts';
import { LargeMap } from './large-map.ts';

/** One value of the cache, or the tombstone of one. Times are epoch ms with fraction. */
export interface CacheEntry {
  /** The value as a wire string; `undefined` makes the entry a tombstone. */
  value: string | undefined;
  /** Last write. */
  cacheTimeMs: number;
  /** Last write or RETRIEVE; 0 for a tombstone. */
  accessTimeMs: number;
}

/** How long the cache keeps what. */
export interface CacheTimes {
  /** For how long a removed entry's tombstone is kept, in ms. */
  readonly deletedCacheTimeMs: number;
  /** For how long an entry is kept that nobody reads or writes, in ms; 0 = for ever. */
  readonly staleCacheTimeMs: number;
}

/** Why cleaning forgot an entry, in the words of the MONITOR mirror (protocol 6). */
export type CleanReason = 'CLEANDELETED' | 'CLEANSTALE';

/** The values that clients store (protocol 7). */
export class Cache {
  readonly #times: CacheTimes;
  readonly #entries = new LargeMap<CacheEntry>();
  #cleaning: Generator<[string, CacheEntry]> | undefined;

  constructor(times: CacheTimes) {
    this.#times = times;
  }

  /** Entries, tombstones included. */
  get size(): number {
    return this.#entries.size;
  }

  /** The value of a name, or `undefined`. Refreshes the access time. */
  retrieve(name: string, nowMs: number): string | undefined {
    const entry = this.#entries.get(name);
    if (entry?.value === undefined) return undefined;
    entry.accessTimeMs = nowMs;
    return entry.value;
  }

  /** Keeps a value. */
  store(name: string, value: string, nowMs: number): void {
    this.#write(name, detach(value), nowMs);
  }

  /** Deletes a value; a tombstone stays, also of a name that had no value. */
  remove(name: string, nowMs: number): void {
    this.#write(name, undefined, nowMs);
  }

  /** Adds a step, as written in the command; see `increment` of the protocol package. */
  increment(name: string, step: string | undefined, nowMs: number): void {
    this.#write(name, increment(this.#entries.get(name)?.value, step), nowMs);
  }

  /** Subtracts a step, likewise. */
  decrement(name: string, step: string | undefined, nowMs: number): void {
    this.#write(name, decrement(this.#entries.get(name)?.value, step), nowMs);
  }

  /** Forgets everything, tombstones too. */
  clear(): void {
    this.#entries.clear();
    this.#cleaning = undefined;
  }

  /** The names of all values, in byte order. */
  keys(): string[] {
    const names: string[] = [];
    for (const [name, { value }] of this.#entries.entries()) {
      if (value !== undefined) names.push(name);
    }
    // Wire strings have one character for each byte, so the default order is byte order.
    return names.sort();
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
    nowMs: number,
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
      const reason = this.#cleanReason(entry, nowMs);
      if (reason === undefined) continue;
      this.#entries.delete(name);
      forgotten(name, reason);
    }
    return false;
  }

  #cleanReason(entry: CacheEntry, nowMs: number): CleanReason | undefined {
    const { deletedCacheTimeMs, staleCacheTimeMs } = this.#times;
    if (entry.value === undefined) {
      return nowMs - entry.cacheTimeMs > deletedCacheTimeMs ? 'CLEANDELETED' : undefined;
    }
    const stale = staleCacheTimeMs > 0 && nowMs - entry.accessTimeMs > staleCacheTimeMs;
    return stale ? 'CLEANSTALE' : undefined;
  }

  #write(name: string, value: string | undefined, nowMs: number): void {
    const accessTimeMs = value === undefined ? 0 : nowMs;
    const entry = this.#entries.get(name);
    if (entry === undefined) {
      this.#entries.add(detach(name), { value, cacheTimeMs: nowMs, accessTimeMs });
    } else {
      entry.value = value;
      entry.cacheTimeMs = nowMs;
      entry.accessTimeMs = accessTimeMs;
    }
  }
}
