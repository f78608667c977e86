import type { Cache } from './cache.ts';
import type { CleanReason } from './cache-times.ts';

/** Entries looked at in one go: about a millisecond. */
const budget = 10_000;

/** What a {@link Cleaner} is made with. */
export interface CleanerOptions {
  /** How often old entries are looked for, in ms. */
  readonly settings: { readonly cacheCleanIntervalMs: number };
  /** Called for each entry that was forgotten. */
  readonly forgotten: (name: string, reason: CleanReason) => void;
  /** Called when entries were forgotten because there are too many. */
  readonly evicted: (entries: number) => void;
}

/** Looks for old entries of a cache from time to time. */
export class Cleaner {
  readonly #cache: Cache;
  readonly #options: CleanerOptions;
  #atMs: number;
  #evicted = 0;

  constructor(cache: Cache, monotonicMs: number, options: CleanerOptions) {
    this.#cache = cache;
    this.#options = options;
    this.#atMs = monotonicMs + options.settings.cacheCleanIntervalMs;
  }

  /** It looks at other times than before. */
  intervalChanged(monotonicMs: number): void {
    this.#atMs = Math.min(this.#atMs, monotonicMs + this.#options.settings.cacheCleanIntervalMs);
  }

  /** When {@link tick} next has something to do, in monotonic ms. */
  get nextTickMs(): number {
    return this.#atMs;
  }

  /** Looks at some entries, if that is due. */
  tick(nowUs: number, monotonicMs: number): void {
    if (monotonicMs < this.#atMs) return;
    const { settings, forgotten, evicted } = this.#options;
    if (!this.#cache.clean(nowUs, budget, forgotten)) return;
    this.#atMs = monotonicMs + settings.cacheCleanIntervalMs;
    const { evicted: now } = this.#cache;
    if (now > this.#evicted) evicted(now - this.#evicted);
    this.#evicted = now;
  }
}
