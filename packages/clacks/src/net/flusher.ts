/** Something that has output to write. */
interface Flushable {
  flush(): void;
}

/**
 * Writes what connections have to send once per turn of the event loop, after all input of that
 * turn was handled: one write carries many signals.
 */
export class Flusher {
  #pending: Flushable[] = [];
  #scheduled = false;

  /** Calls `flush` at the end of this turn. The caller sees to it that this happens once. */
  add(flushable: Flushable): void {
    this.#pending.push(flushable);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#run);
  }

  readonly #run = (): void => {
    const pending = this.#pending;
    this.#pending = [];
    this.#scheduled = false;
    for (const flushable of pending) flushable.flush();
  };
}
