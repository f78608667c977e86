import type { CacheEntry } from './entry.ts';

/** The names of all values in byte order, kept until one comes or goes: sorting many takes its time. */
export class SortedNames {
  #names: readonly string[] | undefined;
  #changeCount = 0;

  /**
   * The names of those entries that have a value.
   *
   * @param changeCount - A number that is another one whenever an entry has come or gone.
   */
  of(entries: Iterable<CacheEntry>, changeCount: number): readonly string[] {
    if (this.#names === undefined || this.#changeCount !== changeCount) {
      const names: string[] = [];
      for (const { name, value } of entries) if (value !== undefined) names.push(name);
      // Wire strings have one character for each byte, so the default order is byte order.
      this.#names = names.sort();
      this.#changeCount = changeCount;
    }
    return this.#names;
  }

  /** A value has come or gone whose entry was there, or stays. */
  forget(): void {
    this.#names = undefined;
  }
}
