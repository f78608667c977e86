import { anyLevel, anyLevels, levelSeparator, maxPatternLevels } from '@clacks/protocol';

interface Node<Listener> {
  /** Next levels by their text; `*` is among them. */
  readonly next: Map<string, Node<Listener>>;
  /** Those whose pattern ends here. */
  readonly here: Set<Listener>;
  /** Those whose pattern goes on with `**`. */
  readonly below: Set<Listener>;
}

const newNode = <Listener>(): Node<Listener> => ({
  next: new Map(),
  here: new Set(),
  below: new Set(),
});

const isEmpty = <Listener>(node: Node<Listener>): boolean =>
  node.next.size === 0 && node.here.size === 0 && node.below.size === 0;

/**
 * Patterns (protocol 10.6) as a tree of their levels. Looking up a name visits the branches that
 * fit it, however many other patterns there are.
 */
export class PatternTree<Listener> {
  readonly #root = newNode<Listener>();

  get isEmpty(): boolean {
    return isEmpty(this.#root);
  }

  /** Adds a listener. Adding it twice is adding it once. */
  add(pattern: string, listener: Listener): void {
    const levels = pattern.split(levelSeparator);
    const open = levels.at(-1) === anyLevels;
    let node = this.#root;
    for (const level of open ? levels.slice(0, -1) : levels) {
      let next = node.next.get(level);
      if (next === undefined) {
        next = newNode();
        node.next.set(level, next);
      }
      node = next;
    }
    (open ? node.below : node.here).add(listener);
  }

  /** Removes a listener that was added for the same pattern. */
  remove(pattern: string, listener: Listener): void {
    const levels = pattern.split(levelSeparator);
    const open = levels.at(-1) === anyLevels;
    const path = [{ node: this.#root, level: '' }];
    for (const level of open ? levels.slice(0, -1) : levels) {
      const node = path.at(-1)?.node.next.get(level);
      if (node === undefined) return;
      path.push({ node, level });
    }
    const end = path.at(-1)?.node;
    if (open) end?.below.delete(listener);
    else end?.here.delete(listener);
    for (let index = path.length - 1; index > 0; index--) {
      const step = path[index];
      if (step === undefined || !isEmpty(step.node)) return;
      path[index - 1]?.node.next.delete(step.level);
    }
  }

  /** Adds to `found` everybody whose pattern stands for the name. */
  collect(name: string, found: Set<Listener>): void {
    // Levels beyond the deepest possible pattern make no difference.
    const levels = name.split(levelSeparator, maxPatternLevels + 1);
    this.#visit(this.#root, levels, 0, found);
  }

  #visit(node: Node<Listener>, levels: string[], depth: number, found: Set<Listener>): void {
    const level = levels[depth];
    if (level === undefined) {
      for (const listener of node.here) found.add(listener);
      return;
    }
    for (const listener of node.below) found.add(listener);
    const exact = node.next.get(level);
    if (exact !== undefined) this.#visit(exact, levels, depth + 1, found);
    const any = level === anyLevel ? undefined : node.next.get(anyLevel);
    if (any !== undefined) this.#visit(any, levels, depth + 1, found);
  }
}
