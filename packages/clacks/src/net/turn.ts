/** Looking at the clock costs more than many a line: it is looked at once for so many at most. */
const maxLinesPerLook = 64;
/** And often enough that lines which take long do not take much longer than the turn. */
const looksPerTurn = 8;

/** A connection's share of the event loop, so that one with much to do does not hold up others. */
export class Turn {
  #turnMs = 0;
  #beganAtMs = 0;
  #linesToLook = 1;
  #linesPerLook = 1;
  #lookedAtMs = 0;
  #isOver = false;

  /** A turn begins that may take so long, in ms. */
  begin(turnMs: number): void {
    this.#turnMs = turnMs;
    this.#beganAtMs = performance.now();
    this.#lookedAtMs = this.#beganAtMs;
    // The first line may be one that takes long.
    this.#linesPerLook = 1;
    this.#linesToLook = 2;
    this.#isOver = false;
  }

  /** Whether it is others' turn. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Another line is to be handled. Returns whether it is others' turn before that. */
  spend(): boolean {
    if (--this.#linesToLook === 0) this.#look();
    return this.#isOver;
  }

  #look(): void {
    const nowMs = performance.now();
    this.#isOver = nowMs - this.#beganAtMs > this.#turnMs;
    const isQuick = nowMs - this.#lookedAtMs < this.#turnMs / looksPerTurn / 2;
    this.#linesPerLook = isQuick ? Math.min(maxLinesPerLook, this.#linesPerLook * 2) : 1;
    this.#linesToLook = this.#linesPerLook;
    this.#lookedAtMs = nowMs;
  }
}
