/** Knows which queues are full that make the whole client wait. */
export class ReadGate {
  readonly #full = new Set<object>();
  readonly #opened: () => void;

  /** @param opened - Called when the last one has room again. */
  constructor(opened: () => void) {
    this.#opened = opened;
  }

  get isOpen(): boolean {
    return this.#full.size === 0;
  }

  /** Waits for that queue. */
  close(queue: object): void {
    this.#full.add(queue);
  }

  /** Does not wait for it any more. */
  open(queue: object): void {
    if (this.#full.delete(queue) && this.isOpen) this.#opened();
  }
}
