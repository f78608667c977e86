import { Turn } from './turn.ts';

/** Somebody who has more to do than one turn allows. */
interface Worker {
  takeTurn(): void;
}

/** For how long lines are handled until others have their turn, new connections and timers, in ms. */
const roundMs = 10;
/** A turn is no shorter, in ms: what comes with it would cost more than the lines. */
const minTurnMs = 0.25;
/** Whoever waits should have a turn within about this time, in ms, however many they are. */
const cycleMs = 50;
/** Who comes with so little need not wait: a line or two of most clients, some 50 µs at most. */
const fewBytes = 1024;
/** For so long, in ms: a thousand of them at once, each with a command that takes long, do wait. */
const fewBytesGraceMs = 40;
/** So many may begin until it is looked whether they take long. */
const beginningsPerLook = 16;

/**
 * Shares out the event loop, so that hundreds of connections with much to do do not hold up those with
 * little. What comes in is handled at once, as long as that takes no longer than a round; then
 * those with more wait for their turns. Who comes with something new and who has more than one turn
 * allowed have them alternately.
 */
export class Turns {
  readonly #fresh = new Set<Worker>();
  readonly #lasting = new Set<Worker>();
  /** That of the connection whose lines are being handled: there is one at a time. */
  readonly current = new Turn();
  #isScheduled = false;
  /** When the round ends that began with what came in, in monotonic ms; 0 if none has begun. */
  #roundEndsAtMs = 0;
  #beginnings = 0;
  #lastBeginningMs = 0;

  /** How long a turn is, in ms: the more have to wait, the shorter. */
  get turnMs(): number {
    const waiting = this.#fresh.size + this.#lasting.size;
    return Math.max(minTurnMs, Math.min(roundMs, cycleMs / (waiting + 1)));
  }

  /** A connection's turn begins. */
  begin(): void {
    this.current.begin(this.turnMs);
  }

  /** Whether what has just come in can be handled at once. If not, its connection is to wait. */
  mayBegin(bytes: number): boolean {
    const nowMs = performance.now();
    if (this.#roundEndsAtMs > 0) {
      const graceMs = bytes < fewBytes ? fewBytesGraceMs : 0;
      return nowMs < this.#roundEndsAtMs + graceMs;
    }
    // Beginning a round costs as much as handling a line: many short lines do without.
    const isLong = nowMs - this.#lastBeginningMs > 1;
    this.#lastBeginningMs = nowMs;
    if (!isLong && ++this.#beginnings % beginningsPerLook !== 0) return true;
    this.#roundEndsAtMs = nowMs + roundMs;
    this.#schedule();
    return true;
  }

  /** Gives the worker a turn when it is due, with something new to do. */
  wait(worker: Worker): void {
    this.#fresh.add(worker);
    this.#schedule();
  }

  /** Gives the worker another turn when it is due: one was not enough. */
  waitAgain(worker: Worker): void {
    this.#lasting.add(worker);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#run);
  }

  readonly #run = (): void => {
    this.#isScheduled = false;
    this.#roundEndsAtMs = 0;
    const endsAtMs = performance.now() + roundMs;
    while (this.#fresh.size + this.#lasting.size > 0) {
      this.#giveTurn(this.#fresh);
      this.#giveTurn(this.#lasting);
      if (performance.now() > endsAtMs) break;
    }
    if (this.#fresh.size + this.#lasting.size > 0) this.#schedule();
  };

  #giveTurn(workers: Set<Worker>): void {
    for (const worker of workers) {
      workers.delete(worker);
      worker.takeTurn();
      return;
    }
  }
}
