/** Somebody who has more to do than one turn allows. */
interface Worker {
  takeTurn(): void;
}

/** For how long turns are given until others have theirs, new connections and timers, in ms. */
const roundMs = 10;

/**
 * Gives turns to those who wait for one, in order: with hundreds of them, a turn of each in one go
 * would hold up the whole node.
 */
export class Turns {
  readonly #waiting = new Set<Worker>();
  #isScheduled = false;

  /** Gives the worker a turn when it is due. */
  wait(worker: Worker): void {
    this.#waiting.add(worker);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    setImmediate(this.#run);
  }

  readonly #run = (): void => {
    this.#isScheduled = false;
    const endsAtMs = performance.now() + roundMs;
    // Who waits again meanwhile comes after those who wait already.
    for (const worker of this.#waiting) {
      this.#waiting.delete(worker);
      worker.takeTurn();
      if (performance.now() > endsAtMs) break;
    }
    this.#schedule();
  };
}
