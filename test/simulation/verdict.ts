import { clearIdOf, neverId, survives, writeIdOf } from './history.ts';
import type { History, Step, Write, WriteId } from './history.ts';
import type { SimulatedNode } from './node.ts';

/** What is left of a name: the write that won, and when that was. */
interface Winner {
  readonly id: WriteId | undefined;
  readonly atMs: number;
}

/** What a verdict has to know besides. */
export interface VerdictOptions {
  /** How far clocks may differ. */
  readonly toleranceMs: number;
  /** Whether slaves drop what they have when they link. */
  readonly replaces: boolean;
  /** When a node last moved the times of what it had, by what it had measured. */
  readonly shiftedAtMs: number;
}

/** Whether what a settled node has can have come of a history. */
export class Verdict {
  readonly #history: History;
  readonly #node: SimulatedNode;
  readonly #toleranceMs: number;
  readonly #replaces: boolean;
  readonly #shiftedAtMs: number;
  readonly #clear: Winner;

  constructor(
    history: History,
    node: SimulatedNode,
    { toleranceMs, replaces, shiftedAtMs }: VerdictOptions,
  ) {
    this.#history = history;
    this.#node = node;
    this.#toleranceMs = toleranceMs;
    this.#replaces = replaces;
    this.#shiftedAtMs = shiftedAtMs;
    this.#clear = this.#winner('', clearIdOf(node.broker.cache.cleared));
  }

  /** @throws Error if it can not. */
  check(): void {
    const { cache } = this.#node.broker;
    this.#checkOutdated('', this.#clear);
    for (const clear of this.#history.clears) this.#checkLater('', this.#clear, clear);
    const names = new Set([...this.#history.writes.keys(), ...this.#history.stepNames]);
    for (const { name } of cache.entries()) names.add(name);
    for (const name of names) this.#checkName(name);
  }

  #checkName(name: string): void {
    const entry = this.#node.broker.cache.entry(name);
    const writes = this.#history.writes.get(name) ?? [];
    if (entry === undefined) {
      for (const write of writes) this.#checkCleared(name, write);
      this.#checkStepsCleared(name);
      return;
    }
    const winner = this.#winner(name, writeIdOf(entry));
    this.#checkOutdated(name, winner);
    for (const write of writes) this.#checkLater(name, winner, write);
    if (winner.atMs + this.#toleranceMs < this.#clear.atMs) {
      throw new Error(`${name} of ${winner.atMs} is back: cleared at ${this.#clear.atMs}`);
    }
    // What was written before a clear, and is thought to be later, may have lost its steps by it.
    const mayHaveLostSteps = winner.id !== this.#clear.id && winner.atMs <= this.#clear.atMs;
    if (this.#replaces) this.#checkDropped(name, winner.id ?? neverId);
    // Dropped steps are gone, others are not.
    else if (entry.counter !== undefined && !mayHaveLostSteps) {
      this.#checkSteps(name, winner.id ?? neverId);
    }
  }

  #winner(name: string, id: WriteId): Winner {
    if (id === neverId) return { id, atMs: -Infinity };
    const writes = this.#history.named(name, id);
    if (writes.length === 0) throw new Error(`${name} is of ${id}, which nobody wrote`);
    return { id, atMs: Math.max(...writes.map(({ atMs }) => atMs)) };
  }

  /**
   * Who writes after having seen a value is later, whatever the clocks say: as long as no node has to
   * move times by another measure than the others, which may put the one before the other.
   */
  #checkOutdated(name: string, { id = neverId, atMs }: Winner): void {
    if (id !== neverId && atMs <= this.#shiftedAtMs) return;
    for (const write of this.#history.after(name, id)) {
      if (survives(write)) throw new Error(`${name} is of ${id}, not ${write.id}, which is later`);
    }
  }

  /** Otherwise the later write wins, as far as clocks tell. */
  #checkLater(name: string, { id, atMs }: Winner, write: Write): void {
    if (write.id === id || !survives(write) || write.atMs <= atMs + this.#toleranceMs) return;
    throw new Error(`${name} is ${id} of ${atMs}, not ${write.id} of ${write.atMs}`);
  }

  /** A write of which nothing is left was cleared, later or at the same time. */
  #checkCleared(name: string, write: Write): void {
    const { id, atMs } = this.#clear;
    const isCleared = write.clearId !== id && write.atMs <= atMs + this.#toleranceMs;
    if (survives(write) && !isCleared) throw new Error(`${name} of ${write.atMs} is lost`);
  }

  /** What a slave took while it was cut off is gone. */
  #checkDropped(name: string, id: WriteId): void {
    const writes = this.#history.named(name, id);
    if (writes.length > 0 && writes.every(({ wasSevered }) => wasSevered)) {
      throw new Error(`${name} is of ${id}, which was to be dropped`);
    }
  }

  /** Steps from nothing are older than any other clear. */
  #checkStepsCleared(name: string): void {
    const { id = neverId } = this.#clear;
    if (this.#history.stepsOn(name, id).some(survives))
      throw new Error(`steps of ${name} are lost`);
  }

  /** No step is lost but those that only crashed nodes knew. */
  #checkSteps(name: string, id: WriteId): void {
    const { value, counter } = this.#node.broker.cache.entry(name) ?? {};
    const steps = this.#history.stepsOn(name, id);
    const sums = possibleSums(steps);
    const sum = (Number(value) || 0) - (Number(counter?.baseValue ?? 0) || 0);
    if (!sums.has(sum)) {
      throw new Error(
        `${name} is ${value}, not ${counter?.baseValue} and ${[...sums].join(' or ')}`,
      );
    }
    const nodes = new Set(steps.map(({ node }) => node.id));
    if ((counter?.parts.length ?? 0) > nodes.size) {
      throw new Error(`${name} has ${counter?.parts.length} parts of ${nodes.size} nodes`);
    }
  }
}

/** What steps may sum up to: all that are known, and of a crashed node's others all up to some one. */
const possibleSums = (steps: readonly Step[]): Set<number> => {
  let sums = new Set([0]);
  for (const nodeId of new Set(steps.map(({ node }) => node.id))) {
    const own = steps.filter(({ node }) => node.id === nodeId);
    const known = own.findLastIndex(survives) + 1;
    let sum = 0;
    const prefixes = [0, ...own.map(({ step }) => (sum += step))];
    sums = new Set([...sums].flatMap((each) => prefixes.slice(known).map((more) => each + more)));
  }
  return sums;
};
