/** A clock that has drifted by so much is worth keeping anew, in ms. */
const keptDriftMs = 1000;

/** What time it is, as it was told last. */
export class TreeClock {
  /** A clock that never jumps, in ms: for timeouts. */
  monotonicMs = 0;
  /** Wall clock, epoch ms: for people. */
  wallMs = 0;
  /** The time for cache entries, in whole µs since 1970, by the clock that the tree shares. */
  nowUs = 0;
  #name: string | undefined;
  #offsetMs = 0;
  #keptOffsetMs = 0;

  constructor(wallMs: number, monotonicMs: number) {
    this.tell(wallMs, monotonicMs);
  }

  /** What the clock is called that the tree's nodes share; `undefined` if it is this node's own. */
  get name(): string | undefined {
    return this.#name;
  }

  /** What that is ahead of the wall clock, in ms. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Says what time it is. */
  tell(wallMs: number, monotonicMs: number): void {
    this.wallMs = wallMs;
    this.monotonicMs = monotonicMs;
    this.nowUs = Math.round((wallMs + this.#offsetMs) * 1000);
  }

  /**
   * Goes by that clock from now on.
   *
   * @returns Whether it is so much another one that it should be kept.
   */
  set(name: string | undefined, offsetMs: number): boolean {
    const isOther = name !== this.#name || Math.abs(offsetMs - this.#keptOffsetMs) > keptDriftMs;
    if (isOther) this.#keptOffsetMs = offsetMs;
    this.#name = name;
    this.#offsetMs = offsetMs;
    this.tell(this.wallMs, this.monotonicMs);
    return isOther;
  }
}
