/** Those who wait for something to change, or for the end. */
export class Waiters {
  readonly #signal: AbortSignal;
  #waiting: (() => void)[] = [];

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', () => {
      this.wake();
    });
  }

  /** Whether the end has come: then nobody waits any more. */
  get isOver(): boolean {
    return this.#signal.aborted;
  }

  /** Resolves when something has changed. */
  wait(): Promise<void> {
    if (this.isOver) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Something has changed. */
  wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
