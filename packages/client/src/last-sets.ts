/** Most names whose last value is remembered. */
const maxNames = 100_000;

interface LastSet {
  readonly value: string;
  readonly sent: Promise<void>;
}

/** The values set last on a connection, so that one that has not changed need not be sent again. */
export class LastSets {
  readonly #sets = new Map<string, LastSet>();

  /**
   * Sends a value, unless it is the one that was sent last under that name.
   *
   * @returns What sending it returned.
   */
  send(name: string, value: string, send: () => Promise<void>): Promise<void> {
    const last = this.#sets.get(name);
    if (last?.value === value) return last.sent;
    const set = { value, sent: send() };
    if (this.#sets.size >= maxNames) this.#sets.clear();
    this.#sets.set(name, set);
    // What was not sent is no reason to drop the same value when it is set again.
    set.sent.catch(() => {
      if (this.#sets.get(name) === set) this.#sets.delete(name);
    });
    return set.sent;
  }

  /** What was sent may not have arrived: everything is sent again. */
  clear(): void {
    this.#sets.clear();
  }
}
