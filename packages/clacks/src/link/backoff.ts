/** Pause after the second failure in a row, in ms; it doubles with each one. */
const initialPauseMs = 100;

/** Pauses between attempts to reach a master: none at first, then longer and longer ones. */
export class Backoff {
  readonly #maxPauseMs: () => number;
  readonly #random: () => number;
  #attempts = 0;

  /**
   * @param maxPauseMs - Longest pause, which may be another one each time.
   * @param random - From 0 up to 1: pauses differ, so that many nodes do not come all at once.
   */
  constructor(maxPauseMs: () => number, random: () => number) {
    this.#maxPauseMs = maxPauseMs;
    this.#random = random;
  }

  /** The pause before the next attempt, in ms. */
  next(): number {
    const attempt = this.#attempts++;
    if (attempt === 0) return 0;
    const pauseMs = Math.min(this.#maxPauseMs(), initialPauseMs * 2 ** Math.min(attempt - 1, 30));
    return pauseMs * (0.5 + this.#random() / 2);
  }

  /** It has worked: the next attempt may come at once again. */
  reset(): void {
    this.#attempts = 0;
  }
}
