import { lineEnd } from '@clacks/protocol';
import type { Cache } from '../broker/cache.ts';
import type { CacheEntry } from '../broker/entry.ts';
import { formatEntry } from './entry-codec.ts';

/** A cache of up to so many entries is sent in byte order, so that people can read the traffic. */
const maxSorted = 10_000;

const sorted = (entries: Iterable<CacheEntry>): CacheEntry[] =>
  [...entries].sort((left, right) => (left.name < right.name ? -1 : 1));

/**
 * Sends all entries of a cache, some at a time, while the cache goes on changing: what changes
 * meanwhile has to be sent by itself. It keeps no copy of the cache.
 */
export class SyncSender {
  readonly #cache: Cache;
  readonly #withCounters: boolean;
  readonly #entries: Iterator<CacheEntry>;
  #sent = 0;

  constructor(cache: Cache, withCounters: boolean) {
    this.#cache = cache;
    this.#withCounters = withCounters;
    const entries = cache.entries();
    this.#entries = cache.size <= maxSorted ? sorted(entries).values() : entries;
  }

  /** How many entries were sent so far. */
  get sent(): number {
    return this.#sent;
  }

  /**
   * The lines of the next entries.
   *
   * @param maxBytes - About how many bytes.
   * @returns `undefined` when all were sent.
   */
  next(maxBytes: number): string | undefined {
    let lines = '';
    while (lines.length < maxBytes) {
      const next = this.#entries.next();
      if (next.done === true) return lines === '' ? undefined : lines;
      const entry = next.value;
      // The cache may have been emptied meanwhile.
      if (this.#cache.entry(entry.name) !== entry) continue;
      const { originUs } = this.#cache;
      lines += formatEntry(entry, originUs, this.#withCounters) + lineEnd;
      this.#sent++;
    }
    return lines;
  }
}
