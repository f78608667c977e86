import type { Permissions } from '../broker/ports.ts';

/** A check that several logins wait for. It is given up when the last of them is gone. */
export class SharedCheck {
  readonly #decision: Promise<Permissions | undefined>;
  readonly #abort: AbortController;
  #waiting = 0;

  /**
   * @param decision - What comes out.
   * @param abort - Gives the check up.
   */
  constructor(decision: Promise<Permissions | undefined>, abort: AbortController) {
    this.#decision = decision;
    this.#abort = abort;
  }

  get isGivenUp(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Waits with the others, until the signal is aborted. */
  async join(signal: AbortSignal): Promise<Permissions | undefined> {
    this.#waiting++;
    signal.addEventListener('abort', this.#leave, { once: true });
    try {
      return await this.#decision;
    } finally {
      signal.removeEventListener('abort', this.#leave);
    }
  }

  readonly #leave = (): void => {
    this.#waiting--;
    if (this.#waiting === 0) this.#abort.abort(new Error('nobody waits for the login any more'));
  };
}
