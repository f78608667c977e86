import type { Broker } from '../../packages/clacks/src/broker/broker.ts';
import type { SimulatedClient } from './client.ts';
import type { SimulatedNode } from './node.ts';
import type { Action, Scenario } from './scenario.ts';
import { SimulatedTree } from './tree.ts';
import type { Place } from './tree.ts';
import type { Wire } from './wire.ts';

/** A write that a node has handled. */
interface Write {
  readonly node: SimulatedNode;
  readonly atMs: number;
  readonly value: string | undefined;
}

/** A step that a node has handled. */
interface Step {
  readonly node: SimulatedNode;
  readonly step: number;
}

/** A signal on its way to those who listen at all places. */
interface Signal {
  readonly line: string;
  readonly atMs: number;
  readonly to: readonly { readonly client: SimulatedClient; readonly wires: readonly Wire[] }[];
}

/** How long a healed tree may take until all know the same, in ms. */
const healingMs = 20_000;
/** How long a signal may be on its way, in ms. */
const travelMs = 2000;

/** Runs a scenario and checks what must always hold. */
class Run {
  readonly #tree: SimulatedTree;
  readonly #maxDelayMs: number;
  readonly #writes = new Map<string, Write[]>();
  readonly #steps = new Map<string, Step[]>();
  readonly #signals: Signal[] = [];
  #serial = 0;
  #wasCleared = false;

  constructor(scenario: Scenario, sabotage: (broker: Broker) => void) {
    this.#tree = new SimulatedTree(scenario, sabotage);
    this.#maxDelayMs = scenario.maxDelayMs;
  }

  /** @throws Error that says what does not hold. */
  run(actions: Scenario['actions']): void {
    const { world } = this.#tree;
    // Not all have linked when it begins.
    for (const { afterMs, action } of actions) {
      world.runUntil(world.nowMs + afterMs);
      this.#act(action);
      this.#checkOrder();
    }
    world.runUntil(world.nowMs + 8000);
    this.#tree.heal();
    world.runUntil(world.nowMs + healingMs);
    this.#checkLinks();
    for (const place of this.#tree.places) this.#signal(place);
    world.runUntil(world.nowMs + travelMs);
    this.#checkOrder();
    this.#checkArrivals();
    this.#checkCaches();
    this.#checkNewest();
    this.#checkCounters();
  }

  #act(action: Action): void {
    if (action.kind === 'pause') {
      this.#tree.world.runUntil(this.#tree.world.nowMs + action.forMs);
      return;
    }
    if (action.kind === 'cut' || action.kind === 'silence') {
      this.#tree.cut(action.node, action.forMs, action.kind);
      return;
    }
    if (action.kind === 'restart') {
      this.#tree.restart(action.node, action.forMs);
      return;
    }
    const place = this.#tree.place(action.node);
    if (place.node.isAlive) this.#say(place, action);
  }

  #say(
    place: Place,
    action: Exclude<Action, { readonly kind: 'pause' | 'cut' | 'silence' | 'restart' }>,
  ): void {
    const { writer, reader, node } = place;
    this.#serial++;
    switch (action.kind) {
      case 'store':
        this.#write(place, `k${action.key}`, `v${this.#serial}`);
        break;
      case 'remove':
        this.#write(place, `k${action.key}`, undefined);
        break;
      case 'count': {
        const { step } = action;
        const name = `c${action.key}`;
        writer.say([`INCREMENT ${name}=${step}`], () => {
          this.#steps.set(name, [...(this.#steps.get(name) ?? []), { node, step }]);
        });
        break;
      }
      case 'signal':
        this.#signal(place);
        break;
      case 'denied':
        reader.say([`STORE k${action.key}=denied`, 'SET sig::denied=1', 'CLEARCACHE']);
        break;
      case 'clear':
        this.#wasCleared = true;
        writer.say(['CLEARCACHE']);
    }
  }

  #write({ writer, node }: Place, name: string, value: string | undefined): void {
    const line = value === undefined ? `REMOVE ${name}` : `STORE ${name}=${value}`;
    writer.say([line], () => {
      const write = { node, atMs: this.#tree.world.nowMs, value };
      this.#writes.set(name, [...(this.#writes.get(name) ?? []), write]);
    });
  }

  #signal(place: Place): void {
    const line = `SET sig::${place.node.id}=${++this.#serial}`;
    const to = this.#tree.places.flatMap((each) => {
      const wires = this.#tree.wiresBetween(place, each);
      const live = wires.filter((wire) => wire?.isLive === true) as Wire[];
      return live.length === wires.length ? [{ client: each.reader, wires: live }] : [];
    });
    place.writer.say([line], () => {
      this.#signals.push({ line, atMs: this.#tree.world.nowMs, to });
    });
  }

  #checkLinks(): void {
    for (const { index, wire } of this.#tree.places) {
      if (index > 0 && wire?.isLive !== true) throw new Error(`node ${index} has no live link`);
    }
  }

  /** Signals of a sender arrive in order, and once. */
  #checkOrder(): void {
    for (const { index, reader } of this.#tree.places) {
      const last = new Map<string, number>();
      for (const line of reader.signals) {
        const [name = '', serial] = line.split('=');
        if (name === 'SET sig::denied') throw new Error(`node ${index} passes on what was denied`);
        if (Number(serial) <= (last.get(name) ?? 0)) {
          throw new Error(`node ${index} receives out of order, or twice: ${line}`);
        }
        last.set(name, Number(serial));
      }
    }
  }

  /** None is lost while all on the way stay connected. */
  #checkArrivals(): void {
    for (const { line, atMs, to } of this.#signals) {
      for (const { client, wires } of to) {
        const stayed = wires.every(({ brokenAtMs }) => brokenAtMs > atMs + travelMs);
        if (stayed && client.node.isAlive && !client.signals.includes(line)) {
          throw new Error(`${line} is lost on its way to ${client.node.id}`);
        }
      }
    }
  }

  /** All nodes know the same. */
  #checkCaches(): void {
    const [first = '', ...others] = this.#tree.places.map(({ node }) => contentOf(node));
    for (const [index, other] of others.entries()) {
      if (other !== first) throw new Error(`nodes 0 and ${index + 1} differ:\n${first}\n${other}`);
    }
    if (first.includes('denied')) throw new Error('a denied write was executed');
  }

  /** Of each value the newest is left, among those that no crash may have lost. */
  #checkNewest(): void {
    if (this.#wasCleared) return;
    // Clocks are told over the links, so they differ by as much as that takes.
    const toleranceMs = 2 * this.#tree.places.length * this.#maxDelayMs + 1;
    const { cache } = this.#tree.place(0).node.broker;
    for (const [name, writes] of this.#writes) {
      const value = cache.entry(name)?.value;
      const written = writes.filter((write) => write.value === value);
      const newestMs = Math.max(...written.map(({ atMs }) => atMs));
      const missed = writes.find(({ node, atMs }) => node.isAlive && atMs > newestMs + toleranceMs);
      if (missed !== undefined) {
        throw new Error(
          `${name} is ${value} of ${newestMs}, not ${missed.value} of ${missed.atMs}`,
        );
      }
    }
  }

  /** No step is lost but those of a node that has crashed, and of those not an earlier one. */
  #checkCounters(): void {
    if (this.#wasCleared) return;
    const { cache } = this.#tree.place(0).node.broker;
    for (const [name, steps] of this.#steps) {
      const value = Number(cache.entry(name)?.value ?? 0);
      if (!possibleSums(steps).has(value)) {
        const told = steps.map(({ node, step }) => `${node.id}: ${step}`).join(', ');
        throw new Error(`${name} is ${value} after ${told}`);
      }
    }
  }
}

const contentOf = ({ broker }: SimulatedNode): string =>
  broker.cache
    .keys()
    .map((name) => `${name}=${broker.cache.entry(name)?.value}`)
    .join(' ');

/** What a counter may be: all steps of nodes that run, and of others all up to some step. */
const possibleSums = (steps: readonly Step[]): Set<number> => {
  const byNode = new Map<SimulatedNode, number[]>();
  for (const { node, step } of steps) byNode.set(node, [...(byNode.get(node) ?? []), step]);
  let sums = new Set([0]);
  for (const [node, own] of byNode) {
    let sum = 0;
    const prefixes = [0, ...own.map((step) => (sum += step))];
    const possible = node.isAlive ? [sum] : prefixes;
    sums = new Set([...sums].flatMap((each) => possible.map((prefix) => each + prefix)));
  }
  return sums;
};

/**
 * Runs a scenario.
 *
 * @param sabotage - Makes every broker wrong, to see whether it is found.
 * @throws Error that says what does not hold.
 */
export const simulate = (
  scenario: Scenario,
  sabotage: (broker: Broker) => void = () => undefined,
): void => {
  new Run(scenario, sabotage).run(scenario.actions);
};
