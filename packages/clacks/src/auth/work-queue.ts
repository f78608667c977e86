import { AuthBusyError } from './auth-error.ts';

/** Runs asynchronous jobs, a few at a time, in the order they came. */
export class WorkQueue {
  readonly #runningMax: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /**
   * @param runningMax - How many jobs run at a time.
   * @param waitingMax - How many more may wait.
   */
  constructor(runningMax: number, waitingMax: number) {
    this.#runningMax = runningMax;
    this.#waitingMax = waitingMax;
  }

  /**
   * Runs a job when its turn comes.
   *
   * @throws AuthBusyError (as a rejection) if too many wait already.
   */
  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#running < this.#runningMax) this.#running++;
    else if (this.#waiting.length >= this.#waitingMax) throw new AuthBusyError(this.#waitingMax);
    else await this.#turn();
    try {
      return await job();
    } finally {
      // Who waits takes over this place, so that nobody who comes between can.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
