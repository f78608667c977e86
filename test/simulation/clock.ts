/** All clocks are about as far as ours. */
const epochMs = 1_795_000_000_000;

/** A machine's clock: it is wrong, runs a bit too fast or too slow, and is set at times. */
export class SimulatedClock {
  /** How far it is ahead of the others, but for its drift. */
  #aheadMs: number;
  readonly #drift: number;

  /** @param drift - How much it gains in each ms, in ms. */
  constructor(skewMs: number, drift: number) {
    this.#aheadMs = skewMs;
    this.#drift = drift;
  }

  /** Somebody sets it. */
  step(byMs: number): void {
    this.#aheadMs += byMs;
  }

  /** What it shows at that time of the world. */
  wallMs(nowMs: number): number {
    return epochMs + this.#aheadMs + nowMs * (1 + this.#drift);
  }
}
