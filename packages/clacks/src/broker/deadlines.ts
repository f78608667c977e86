/** Precision of deadlines in ms. */
const slotMs = 100;

/** Something to look at. */
interface Watched {
  /** When it is next looked at, in ms; `Infinity` if it is not. Set by {@link Deadlines}. */
  nextCheckAtMs: number;
}

const slotOf = (atMs: number): number => Math.ceil(atMs / slotMs);

/**
 * Things to look at again at a certain time. Keeps them in slots of 100 ms, so that the cost of a
 * tick is that of what is due, not of everything that waits.
 *
 * A thing is looked at once; it is scheduled anew then.
 */
export class Deadlines<Thing extends Watched> {
  readonly #slots = new Map<number, Set<Thing>>();
  #earliestSlot = Infinity;

  /** When the first thing may be due; `Infinity` if nothing waits. Never earlier than scheduled. */
  get nextMs(): number {
    return this.#earliestSlot * slotMs;
  }

  /** Asks for a look at the thing at that time or up to 100 ms later, if not at an earlier one. */
  schedule(thing: Thing, atMs: number): void {
    if (atMs >= thing.nextCheckAtMs) return;
    this.forget(thing);
    thing.nextCheckAtMs = atMs;
    const slot = slotOf(atMs);
    const things = this.#slots.get(slot);
    if (things === undefined) this.#slots.set(slot, new Set([thing]));
    else things.add(thing);
    if (slot < this.#earliestSlot) this.#earliestSlot = slot;
  }

  /** Does not look at the thing any more. */
  forget(thing: Thing): void {
    const slot = slotOf(thing.nextCheckAtMs);
    thing.nextCheckAtMs = Infinity;
    const things = this.#slots.get(slot);
    things?.delete(thing);
    if (things?.size === 0) this.#slots.delete(slot);
  }

  /** Takes out everything that is due. */
  takeDue(nowMs: number): Thing[] {
    if (this.nextMs > nowMs) return [];
    const due: Thing[] = [];
    this.#earliestSlot = Infinity;
    for (const [slot, things] of this.#slots) {
      if (slot * slotMs <= nowMs) {
        for (const thing of things) {
          thing.nextCheckAtMs = Infinity;
          due.push(thing);
        }
        this.#slots.delete(slot);
      } else if (slot < this.#earliestSlot) {
        this.#earliestSlot = slot;
      }
    }
    return due;
  }
}
