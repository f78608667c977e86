/** Precision of deadlines in ms. */
const slotMs = 100;

/**
 * Things to look at again at a certain time. Keeps them in slots of 100 ms, so that the cost of a
 * tick is that of what is due, not of everything that waits.
 *
 * A thing is looked at once for each time it was scheduled; it schedules itself anew.
 */
export class Deadlines<Thing> {
  readonly #slots = new Map<number, Set<Thing>>();
  #earliestSlot = Infinity;

  /** When the first thing is due; `Infinity` if nothing waits. Never earlier than scheduled. */
  get nextMs(): number {
    return this.#earliestSlot * slotMs;
  }

  /** Asks for a look at the thing at that time or up to 100 ms later. */
  schedule(thing: Thing, atMs: number): void {
    const slot = Math.ceil(atMs / slotMs);
    const things = this.#slots.get(slot);
    if (things === undefined) this.#slots.set(slot, new Set([thing]));
    else things.add(thing);
    if (slot < this.#earliestSlot) this.#earliestSlot = slot;
  }

  /** Takes out everything that is due. */
  takeDue(nowMs: number): Thing[] {
    if (this.nextMs > nowMs) return [];
    const due: Thing[] = [];
    this.#earliestSlot = Infinity;
    for (const [slot, things] of this.#slots) {
      if (slot * slotMs <= nowMs) {
        for (const thing of things) due.push(thing);
        this.#slots.delete(slot);
      } else if (slot < this.#earliestSlot) {
        this.#earliestSlot = slot;
      }
    }
    return due;
  }
}
