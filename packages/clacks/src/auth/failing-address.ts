import { setTimeout as wait } from 'node:timers/promises';
import { WorkQueue } from './work-queue.ts';

/** The time, which tests can replace. */
export interface Clock {
  /** Monotonic ms. */
  nowMs(): number;
  /** Waits so many ms; rejects when the signal is aborted. */
  wait(delayMs: number, signal: AbortSignal): Promise<unknown>;
}

/** The clock of this process. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wait: (delayMs, signal) => wait(delayMs, undefined, { signal }),
};

/** How attempts of an address are slowed down. */
export interface Pacing {
  readonly clock: Clock;
  /** Longest pause before an attempt, in ms. */
  readonly pauseMaxMs: number;
}

/** Failed logins that cost nothing: slips, or a few programs that have an old password. */
const freeFailures = 10;
/** Most that count, so that an address recovers from any flood in ten minutes. */
const failuresMax = 20;
/** After so long, one of them is forgiven, in ms. */
const forgivenAfterMs = 30_000;
/** The first pause, in ms; it doubles with each further failure. */
const firstPauseMs = 250;
/**
 * How many logins are checked at a time while an address is not slowed down: enough for a large
 * fleet whose check takes a second, and the most that can be tried before the first has failed.
 */
const checkedAtATime = 256;
/** How many more may wait: no fewer than may wait to be accepted. */
const waitingMax = 4096;

/** An address from which logins failed, and those of its logins that wait. */
export class FailingAddress {
  readonly #pacing: Pacing;
  readonly #queue: WorkQueue;
  #failures = 0;
  #countedAtMs: number;
  #notBeforeMs = 0;
  #isTold = false;

  constructor(pacing: Pacing) {
    this.#pacing = pacing;
    this.#countedAtMs = pacing.clock.nowMs();
    // What a getter of the object below calls "this" is that object.
    const running = (): number => (this.isSlow ? 1 : checkedAtATime);
    this.#queue = new WorkQueue({
      get running() {
        return running();
      },
      waiting: waitingMax,
      waitingOfParty: waitingMax,
    });
  }

  /** How many failures count now. They are forgiven little by little. */
  get failures(): number {
    const forgiven = (this.#pacing.clock.nowMs() - this.#countedAtMs) / forgivenAfterMs;
    return Math.max(0, this.#failures - forgiven);
  }

  /** Whether its logins wait for each other, and for a pause. */
  get isSlow(): boolean {
    return this.failures >= freeFailures;
  }

  /** Whether no login of it is being checked, or waits. */
  get isIdle(): boolean {
    return this.#queue.isIdle;
  }

  /**
   * Counts a failure.
   *
   * @param weight - How much it counts.
   * @returns Whether the address is slowed down from now on, and was not before. It is so once for
   * an attack, not for each time that the failures rise above the limit again.
   */
  fail(weight: number): boolean {
    const before = this.failures;
    const { clock } = this.#pacing;
    this.#countedAtMs = clock.nowMs();
    this.#failures = Math.min(failuresMax, before + weight);
    this.#notBeforeMs = clock.nowMs() + this.#pauseMs;
    if (before < freeFailures / 2) this.#isTold = false;
    if (this.#isTold || !this.isSlow) return false;
    this.#isTold = true;
    return true;
  }

  /**
   * Takes a place among the logins that are checked, if no login has to wait now.
   *
   * @returns Whether it did; then {@link leave} gives it back.
   */
  enter(): boolean {
    return !this.isSlow && this.#queue.enter();
  }

  /** Gives back a place. */
  leave(): void {
    this.#queue.leave();
  }

  /**
   * Runs a check when its turn has come and the pause is over.
   *
   * @param kind - Those whose credentials were accepted before, and others, take turns: so who
   * guesses holds up the former by no more than one.
   * @param signal - Gives up waiting.
   * @throws AuthBusyError (as a rejection) if too many wait already; the signal's reason.
   */
  run<T>(check: () => Promise<T>, kind: 'known' | 'unknown', signal: AbortSignal): Promise<T> {
    const paced = async (): Promise<T> => {
      const { clock } = this.#pacing;
      const delayMs = this.isSlow ? this.#notBeforeMs - clock.nowMs() : 0;
      if (delayMs > 0) await clock.wait(delayMs, signal);
      // Also if this one's answer is not waited for: else nothing would slow that down.
      this.#notBeforeMs = clock.nowMs() + this.#pauseMs;
      return check();
    };
    return this.#queue.run(paced, kind, signal);
  }

  get #pauseMs(): number {
    const beyond = this.failures - freeFailures;
    return beyond < 0 ? 0 : Math.min(firstPauseMs * 2 ** beyond, this.#pacing.pauseMaxMs);
  }
}
