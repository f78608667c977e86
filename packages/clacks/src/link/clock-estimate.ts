/** For how long a measure counts, in ms: clocks drift, and are set. */
const windowMs = 5 * 60_000;

/**
 * What another clock is ahead, told by lines that take their time: the less a line was on its way,
 * the more ahead the clock seems. A line that waited behind others for long says little.
 */
export class ClockEstimate {
  #measures: { readonly aheadMs: number; readonly atMs: number }[] = [];

  /**
   * Adds a measure.
   *
   * @returns The best one of the last minutes.
   */
  add(aheadMs: number, nowMs: number): number {
    // What is no better than the new one will never be the best again.
    this.#measures = this.#measures.filter(
      (measure) => measure.aheadMs > aheadMs && nowMs - measure.atMs < windowMs,
    );
    this.#measures.push({ aheadMs, atMs: nowMs });
    return this.#measures[0]?.aheadMs ?? aheadMs;
  }
}
