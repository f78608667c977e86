import { isPattern, levelSeparator, maxPatternLevels } from '@clacks/protocol';
import { detach } from './detach.ts';
import { NameTable } from './name-table.ts';
import { PatternTree } from './pattern-tree.ts';

/** Looked-up names to remember while there are patterns, and how long they may be in bytes. */
const maxRoutes = 65_536;
const maxRouteNameLength = 256;

/** Those who listen to a name, one at least. */
interface Listened<Listener> {
  readonly name: string;
  readonly listeners: Listener[];
}

/**
 * Who listens to what. Finding the listeners of a name costs one look-up, however many names and
 * patterns are listened to: with patterns, what a name leads to is remembered until they change.
 */
export class Listeners<Listener> {
  readonly #exact: NameTable<Listened<Listener>>;
  readonly #patterns = new PatternTree<Listener>();
  readonly #routes = new Map<string, readonly Listener[]>();
  readonly #none: readonly Listener[] = [];

  /** @param seed - Of the hashes of names: see {@link NameTable}. */
  constructor(seed: number) {
    this.#exact = new NameTable(seed);
  }

  /**
   * Starts to listen to a name or pattern. The caller knows that the listener does not yet.
   *
   * @returns The name to keep for {@link remove}; `undefined` if the pattern has too many levels.
   */
  add(name: string, listener: Listener): string | undefined {
    if (isPattern(name)) {
      if (name.split(levelSeparator).length > maxPatternLevels) return undefined;
      this.#patterns.add(name, listener);
      this.#routes.clear();
      return detach(name);
    }
    this.#routes.delete(name);
    const listened = this.#exact.get(name);
    if (listened !== undefined) {
      listened.listeners.push(listener);
      return listened.name;
    }
    const kept = detach(name);
    this.#exact.add({ name: kept, listeners: [listener] });
    return kept;
  }

  /** Stops listening to a name or pattern that the listener was added for. */
  remove(name: string, listener: Listener): void {
    if (isPattern(name)) {
      this.#patterns.remove(name, listener);
      this.#routes.clear();
      return;
    }
    this.#routes.delete(name);
    const listeners = this.#exact.get(name)?.listeners;
    const index = listeners?.indexOf(listener) ?? -1;
    if (listeners === undefined || index === -1) return;
    // Removing from the middle of a long list by moving the last one there is quick.
    const last = listeners.pop();
    if (last !== undefined && index < listeners.length) listeners[index] = last;
    if (listeners.length === 0) this.#exact.delete(name);
  }

  /**
   * Everybody who listens to a name, each once. Valid until the next {@link add} or
   * {@link remove}.
   */
  of(name: string): readonly Listener[] {
    if (this.#patterns.isEmpty) return this.#exact.get(name)?.listeners ?? this.#none;
    const known = this.#routes.get(name);
    if (known !== undefined) return known;
    const found = new Set(this.#exact.get(name)?.listeners);
    this.#patterns.collect(name, found);
    const route = [...found];
    if (name.length > maxRouteNameLength) return route;
    if (this.#routes.size >= maxRoutes) this.#routes.clear();
    this.#routes.set(detach(name), route);
    return route;
  }
}
