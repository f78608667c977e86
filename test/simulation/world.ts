/** More things at the same time never come to an end. */
const maxAtOnce = 100_000;

/** A clock, and what is to happen when. Everything happens in the order of time, then of asking. */
export class World {
  nowMs = 0;
  readonly #heap: { readonly atMs: number; readonly serial: number; readonly run: () => void }[] =
    [];
  #serial = 0;

  /** Asks for something to happen at that time. */
  at(atMs: number, run: () => void): void {
    this.#serial++;
    this.#heap.push({ atMs: Math.max(atMs, this.nowMs), serial: this.#serial, run });
    this.#rise(this.#heap.length - 1);
  }

  /** Asks for something to happen in that many ms. */
  in(ms: number, run: () => void): void {
    this.at(this.nowMs + ms, run);
  }

  /**
   * Lets everything happen that is due until then.
   *
   * @throws Error if that never ends.
   */
  runUntil(endMs: number): void {
    for (let atOnce = 0; ; atOnce++) {
      const [next] = this.#heap;
      if (next === undefined || next.atMs > endMs) break;
      this.#removeFirst();
      if (next.atMs > this.nowMs) atOnce = 0;
      if (atOnce > maxAtOnce) throw new Error(`there is no end of what happens at ${this.nowMs}`);
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = endMs;
  }

  #isBefore(left: number, right: number): boolean {
    const [a, b] = [this.#heap[left], this.#heap[right]];
    if (a === undefined || b === undefined) return b === undefined;
    return a.atMs === b.atMs ? a.serial < b.serial : a.atMs < b.atMs;
  }

  #swap(left: number, right: number): void {
    const [a, b] = [this.#heap[left], this.#heap[right]];
    if (a === undefined || b === undefined) return;
    this.#heap[left] = b;
    this.#heap[right] = a;
  }

  #rise(from: number): void {
    for (let index = from; index > 0;) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    for (let index = 0; ;) {
      const [left, right] = [2 * index + 1, 2 * index + 2];
      if (left >= this.#heap.length) return;
      const smaller = right < this.#heap.length && this.#isBefore(right, left) ? right : left;
      if (!this.#isBefore(smaller, index)) return;
      this.#swap(smaller, index);
      index = smaller;
    }
  }
}
