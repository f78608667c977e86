/** Looking at the clock costs more than many a line: it is looked at once for so many. */
const linesPerLook = 64;

/** A connection's share of the event loop, so that one with much to do does not hold up others. */
export class Turn {
  #endsAtMs = 0;
  #lines = 0;
  #isOver = false;

  /** A turn begins that may take so long, in ms. */
  begin(turnMs: number): void {
    this.#endsAtMs = performance.now() + turnMs;
    this.#lines = 0;
    this.#isOver = false;
  }

  /** Whether it is others' turn. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Another line is to be handled. Returns whether it is others' turn before that. */
  spend(): boolean {
    if (++this.#lines % linesPerLook === 0) this.#isOver = performance.now() > this.#endsAtMs;
    return this.#isOver;
  }
}
