/** Things in the order in which they were last used. */
export class Recency<Thing> {
  /** A Set keeps its order: what is added anew comes last. */
  readonly #things = new Set<Thing>();
  /**
   * Kept, because a new iterator would have to step over everything that was deleted since the Set
   * was last tidied up. All that it has passed is gone.
   */
  #oldest = this.#things.values();

  /** A thing was used, or is new. */
  touch(thing: Thing): void {
    this.#things.delete(thing);
    this.#things.add(thing);
  }

  delete(thing: Thing): void {
    this.#things.delete(thing);
  }

  clear(): void {
    this.#things.clear();
    this.#oldest = this.#things.values();
  }

  /** Takes out what was used longest ago. */
  takeOldest(): Thing | undefined {
    let next = this.#oldest.next();
    if (next.done === true) {
      // It had come to the end, and iterators do not go on from there.
      this.#oldest = this.#things.values();
      next = this.#oldest.next();
    }
    if (next.done === true) return undefined;
    this.#things.delete(next.value);
    return next.value;
  }
}
