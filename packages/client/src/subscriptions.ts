import { isPattern, matchesPattern, textFromWire, wireFromText } from '@clacks/protocol';
import { callSafely } from './emitter.ts';
import type { Signal } from './signal.ts';
import type { Subscription } from './subscription.ts';

/** Most names whose subscriptions are remembered. */
const maxRememberedNames = 4096;

/** Who in this program listens to what. */
export class Subscriptions {
  readonly #exact = new Map<string, Set<Subscription>>();
  readonly #patterns = new Map<string, Set<Subscription>>();
  /**
   * Who gets the signals of a name, as found last: comparing a name with a pattern costs more than
   * everything else that is done with a signal. Also, a handler that listens anew meanwhile is not
   * called again for the same signal.
   */
  readonly #found = new Map<string, readonly Subscription[]>();

  /** Everything listened to, as wire strings. */
  get wireNames(): string[] {
    return [...this.#exact.keys(), ...this.#patterns.keys()];
  }

  /** Adds a subscription, and tells whether it is the first of its name. */
  add(subscription: Subscription): boolean {
    this.#found.clear();
    const wireName = wireFromText(subscription.name);
    const table = this.#tableOf(wireName);
    const others = table.get(wireName);
    if (others === undefined) table.set(wireName, new Set([subscription]));
    else others.add(subscription);
    return others === undefined;
  }

  /** Removes a subscription, and tells whether it was the last of its name. */
  remove(subscription: Subscription): boolean {
    this.#found.clear();
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
    for (const subscription of this.#found.get(wireName) ?? this.#find(wireName)) {
      callSafely(subscription.deliver, signal);
    }
  }

  #find(wireName: string): readonly Subscription[] {
    const found = [...(this.#exact.get(wireName) ?? [])];
    for (const [pattern, subscriptions] of this.#patterns) {
      if (matchesPattern(pattern, wireName)) found.push(...subscriptions);
    }
    // Names may be as many as signals: a sender may make up new ones for ever.
    if (this.#found.size >= maxRememberedNames) this.#found.clear();
    this.#found.set(wireName, found);
    return found;
  }

  #tableOf(wireName: string): Map<string, Set<Subscription>> {
    return isPattern(textFromWire(wireName)) ? this.#patterns : this.#exact;
  }
}
