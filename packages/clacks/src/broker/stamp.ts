/** A moment that all nodes know. */
export interface Stamped {
  /** When it was, in µs since the cache's origin. */
  readonly timeUs: number;
  /**
   * When it was by the clock that it was first told by, in µs since 1970. Nodes that adopt another
   * clock move times, each by what it has measured; this one stays: by it they know that they speak
   * of the same.
   */
  readonly stampUs: number;
}

/** Before everything. */
export const neverUs = -Infinity;

/** What never happened. */
export const never: Stamped = { timeUs: neverUs, stampUs: neverUs };

/** Clocks are adopted in whole ms, so that what stamps differ by needs no fraction. */
export const microsPerMs = 1000;
