import { isPattern, matchesPattern, textFromWire, wireFromText } from '@clacks/protocol';
import { callSafely } from './emitter.ts';
import type { Signal } from './signal.ts';
import type { Subscription } from './subscription.ts';

/** Who in this program listens to what. */
export class Subscriptions {
  readonly #exact = new Map<string, Set<Subscription>>();
  readonly #patterns = new Map<string, Set<Subscription>>();

  /** Everything listened to, as wire strings. */
  get wireNames(): string[] {
    return [...this.#exact.keys(), ...this.#patterns.keys()];
  }

  /** Adds a subscription, and tells whether it is the first of its name. */
  add(subscription: Subscription): boolean {
    const wireName = wireFromText(subscription.name);
    const table = this.#tableOf(wireName);
    const others = table.get(wireName);
    if (others === undefined) table.set(wireName, new Set([subscription]));
    else others.add(subscription);
    return others === undefined;
  }

  /** Removes a subscription, and tells whether it was the last of its name. */
  remove(subscription: Subscription): boolean {
    const wireName = wireFromText(subscription.name);
    const table = this.#tableOf(wireName);
    const others = table.get(wireName);
    if (others?.delete(subscription) !== true || others.size > 0) return false;
    table.delete(wireName);
    return true;
  }

  /** All subscriptions to a name or pattern. */
  of(name: string): Subscription[] {
    const wireName = wireFromText(name);
    return [...(this.#tableOf(wireName).get(wireName) ?? [])];
  }

  /** All subscriptions. */
  all(): Subscription[] {
    const sets = [...this.#exact.values(), ...this.#patterns.values()];
    return sets.flatMap((subscriptions) => [...subscriptions]);
  }

  /** Hands a signal to everybody whose name or pattern it fits. */
  deliver(wireName: string, signal: Signal): void {
    const exact = this.#exact.get(wireName);
    if (exact !== undefined) this.#deliverTo(exact, signal);
    for (const [pattern, subscriptions] of this.#patterns) {
      if (matchesPattern(pattern, wireName)) this.#deliverTo(subscriptions, signal);
    }
  }

  #deliverTo(subscriptions: ReadonlySet<Subscription>, signal: Signal): void {
    for (const subscription of subscriptions) {
      callSafely((each: Signal) => {
        subscription.deliver(each);
      }, signal);
    }
  }

  #tableOf(wireName: string): Map<string, Set<Subscription>> {
    return isPattern(textFromWire(wireName)) ? this.#patterns : this.#exact;
  }
}
