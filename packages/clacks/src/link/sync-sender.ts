import { lineEnd } from '@clacks/protocol';
import type { Cache } from '../broker/cache.ts';
import type { CacheEntry } from '../broker/entry.ts';
import { formatEntry, isTellable } from './entry-codec.ts';

/** A cache of up to so many entries is sent in byte order, so that people can read the traffic. */
const maxSorted = 10_000;

/** Entries looked at in one go: some are not to be sent. */
const maxLooked = 2000;

const sorted = (entries: Iterable<CacheEntry>): CacheEntry[] =>
  [...entries].sort((left, right) => (left.name < right.name ? -1 : 1));

/**
 * Sends all entries of a cache, some at a time, while the cache goes on changing: what changes
 * meanwhile has to be sent by itself. It keeps no copy of the cache.
 */
export class SyncSender {
  readonly #cache: Cache;
  readonly #isOurs: boolean;
  readonly #entries: Iterator<CacheEntry>;
  #sent = 0;
  #isDone = false;

  /**
   * @param isOurs - Whether the other node is one of ours.
   * @param entries - What to send of the cache. Default: all.
   */
  constructor(
    cache: Cache,
    isOurs: boolean,
    entries: Iterator<CacheEntry> & Iterable<CacheEntry> = cache.entries(),
  ) {
    this.#cache = cache;
    this.#isOurs = isOurs;
    this.#entries = cache.size <= maxSorted ? sorted(entries).values() : entries;
  }

  /** How many entries were sent so far. */
  get sent(): number {
    return this.#sent;
  }

  /** Whether all were sent. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /**
   * The lines of the next entries, if there are some among the next ones.
   *
   * @param maxBytes - About how many bytes.
   */
  next(maxBytes: number): string {
    const { originUs } = this.#cache;
    let lines = '';
    for (let looked = 0; looked < maxLooked && lines.length < maxBytes; looked++) {
      const next = this.#entries.next();
      if (next.done === true) {
        this.#isDone = true;
        break;
      }
      const entry = next.value;
      // The cache may have been emptied meanwhile.
      if (this.#cache.entry(entry.name) !== entry) continue;
      if (!this.#isOurs && !isTellable(entry.name)) continue;
      lines += formatEntry(entry, originUs, { isOurs: this.#isOurs }) + lineEnd;
      this.#sent++;
    }
    return lines;
  }
}
