/** A login that several requests wait for. It is given up when the last of them is gone. */
export class SharedLogin<Session> {
  readonly #session: Promise<Session>;
  readonly #abort = new AbortController();
  #waiting = 0;

  /** @param check - Begins at once; the signal gives it up. */
  constructor(check: (signal: AbortSignal) => Promise<Session>) {
    this.#session = check(this.#abort.signal);
  }

  get isGivenUp(): boolean {
    return this.#abort.signal.aborted;
  }

  /**
   * Waits with the others.
   *
   * @param signal - This one is gone.
   */
  async join(signal: AbortSignal): Promise<Session> {
    this.#waiting++;
    if (signal.aborted) this.#leave();
    signal.addEventListener('abort', this.#leave, { once: true });
    try {
      return await this.#session;
    } finally {
      signal.removeEventListener('abort', this.#leave);
    }
  }

  readonly #leave = (): void => {
    this.#waiting--;
    if (this.#waiting === 0) this.#abort.abort(new Error('nobody waits for the login any more'));
  };
}
