import { Deeds } from './deeds.ts';
import { History } from './history.ts';
import type { Sabotage, SimulatedNode } from './node.ts';
import type { Action, Scenario } from './scenario.ts';
import { Signals } from './signals.ts';
import { checkEqual, checkKept, checkSlaves, stateOf, valuesOf } from './state.ts';
import { SimulatedTree } from './tree.ts';
import { Verdict } from './verdict.ts';

/** How long a healed tree may take until all links work again, in ms. */
const healingMs = 20_000;
/**
 * How long the tree is watched when nothing happens any more, in ms: long enough for the time that a
 * clock was set to to come to all nodes.
 */
const quietMs = 7000;
/** The longest that a client may wait while its node is locked, in ms. */
const maxWaitMs = 15_000;
/** What goes over a link for each PING: from both ends PING, ECHO and ECHOED, and the time. */
const sendsPerPing = 8;
const pingIntervalMs = 1000;
/** Names that are there from the start where values are long. */
const longNames = 6;

/** Runs a scenario and checks what must always hold. */
class Run {
  readonly #scenario: Scenario;
  readonly #tree: SimulatedTree;
  readonly #history: History;
  readonly #signals: Signals;
  readonly #deeds: Deeds;
  /** How long a line may be on its way. */
  readonly #travelMs: number;
  /** By how much clocks were set. */
  #steppedMs = 0;
  #restarts = 0;

  constructor(scenario: Scenario, sabotage: Sabotage) {
    const { sync, traffic } = scenario;
    this.#scenario = scenario;
    this.#travelMs = traffic.bytesPerMs < 10_000 ? 8000 : 2000;
    this.#tree = new SimulatedTree(scenario, sabotage);
    // With `replace`, what a slave knows counts for nothing.
    this.#history = new History((node) => sync === 'merge' || !node.hasMaster);
    this.#signals = new Signals(this.#tree, this.#travelMs);
    this.#deeds = new Deeds(this.#history, this.#signals, traffic.valueBytes);
  }

  /** @throws Error that says what does not hold. */
  run(): void {
    const { world } = this.#tree;
    const { traffic, actions } = this.#scenario;
    if (traffic.valueBytes > 0) this.#storeLong();
    // Not all have linked when it begins.
    for (const { afterMs, action } of actions) {
      world.runUntil(world.nowMs + afterMs);
      this.#act(action);
      this.#watch();
    }
    this.#settle();
    this.#rest();
    this.#checkFlush();
  }

  get #nodes(): SimulatedNode[] {
    return this.#tree.places.map(({ node }) => node);
  }

  #storeLong(): void {
    for (const place of this.#tree.places.slice(0, 2)) {
      for (let index = 0; index < longNames; index++) {
        this.#deeds.store(place, `long${place.index}-${index}`);
      }
    }
  }

  #act(action: Action): void {
    const { world } = this.#tree;
    switch (action.kind) {
      case 'pause':
        world.runUntil(world.nowMs + action.forMs);
        break;
      case 'settle':
        this.#settle();
        break;
      case 'cut':
      case 'silence':
      case 'halve':
        this.#tree.cut(action.node, action.forMs, action.kind);
        break;
      case 'relock':
        this.#tree.relock(action.node, action.how);
        break;
      case 'restart':
        this.#restarts++;
        this.#tree.restart(action.node, action.forMs);
        break;
      case 'recount':
        this.#recount(action);
        break;
      case 'flushAlone':
        this.#flushAlone(action);
        break;
      case 'stop':
        this.#restarts++;
        this.#tree.stop(action.node, action.forMs, ({ node, disk }) => {
          if (disk === undefined) return;
          checkKept(node, disk);
          this.#history.left(node, disk);
        });
        break;
      case 'fill':
        this.#tree.place(action.node).disk?.fill(action.forMs);
        break;
      case 'step':
        // A clock that was set forgets too early or too late.
        if (this.#forgets) break;
        this.#steppedMs += Math.abs(action.byMs);
        this.#tree.place(action.node).clock.step(action.byMs);
        break;
      default: {
        const place = this.#tree.place(action.node);
        if (place.node.isAlive) this.#deeds.do(place, action);
      }
    }
  }

  /** Others may know steps that its disk does not. */
  #recount({ node: number, name, step, forMs }: Action & { readonly kind: 'recount' }): void {
    const { world, places } = this.#tree;
    const node = number % places.length;
    const count = { kind: 'count', node, name, step } as const;
    for (let times = 0; times < 2; times++) this.#act(count);
    world.runUntil(world.nowMs + this.#scenario.maxDelayMs);
    this.#tree.cut(node, forMs + 1000, 'cut');
    this.#act({ kind: 'restart', node, forMs });
    world.runUntil(world.nowMs + forMs + this.#scenario.maxDelayMs);
    // By another step, so that it is not taken for those.
    this.#act({ ...count, step: step + 10 });
  }

  /** Its disk alone knows what it has written. */
  #flushAlone({ deed, waitMs, forMs }: Action & { readonly kind: 'flushAlone' }): void {
    const { world } = this.#tree;
    const { node } = deed;
    this.#tree.isolate(node, waitMs + forMs);
    this.#act(deed);
    this.#act({ kind: 'flush', node, who: deed.kind === 'clear' ? 'manager' : 'writer' });
    world.runUntil(world.nowMs + waitMs);
    this.#watch();
    this.#act({ kind: 'restart', node, forMs });
  }

  #watch(): void {
    for (const { node, clients } of this.#tree.places) {
      if (!node.isAlive) continue;
      clients.writer.checkWaiting(node.isLocked ? maxWaitMs : 0);
      checkSlaves(node);
    }
    // A node that was cut off hears later of a clock that was set, and those below it later still.
    if (this.#steppedMs === 0) this.#checkClocks();
  }

  /** Mends everything, waits until nothing is on its way, and checks what must hold then. */
  #settle(): void {
    const { world, places } = this.#tree;
    this.#tree.heal();
    const endMs = world.nowMs + healingMs;
    while (!this.#tree.isWhole && world.nowMs < endMs) world.runUntil(world.nowMs + 250);
    if (!this.#tree.isWhole) throw new Error('not all nodes have linked');
    for (const place of places) {
      this.#deeds.signal(place, 'SET');
      this.#deeds.flush(place, 'writer');
    }
    world.runUntil(world.nowMs + this.#travelMs);
    this.#watch();
    for (const { clients } of places) clients.writer.checkWaiting(0);
    this.#signals.check();
    if (this.#forgets) this.#checkForgetful();
    else this.#checkCaches();
  }

  get #forgets(): boolean {
    return this.#scenario.keeps.deletedMs > 0;
  }

  #checkCaches(): void {
    const [root] = this.#nodes;
    checkEqual(this.#nodes, stateOf);
    if (root === undefined) throw new Error('a tree has a root');
    const replaces = this.#scenario.sync === 'replace';
    const [toleranceMs, { shiftedAtMs }] = [this.#toleranceMs, this.#tree];
    new Verdict(this.#history, root, { toleranceMs, replaces, shiftedAtMs }).check();
    this.#history.settled(this.#nodes);
  }

  /** Each node forgets by itself: only what is written again is the same everywhere. */
  #checkForgetful(): void {
    const { world } = this.#tree;
    for (const name of ['k0', 'k1', 'k2', 'k3', 'k4', 'c0', 'c1']) {
      this.#deeds.store(this.#tree.place(name.charCodeAt(1)), name);
    }
    world.runUntil(world.nowMs + Math.min(this.#travelMs, 2000));
    checkEqual(this.#nodes, (node) => valuesOf(node).filter((line) => /^[kc]\d=/u.test(line)));
  }

  /** Clocks are told over the links, so they differ by as much as that takes. */
  get #toleranceMs(): number {
    const hops = 2 * (this.#tree.places.length + this.#restarts);
    return hops * this.#hopMs + 1 + this.#driftedMs + this.#steppedMs;
  }

  /** How long a line takes that does not wait behind many others. */
  get #hopMs(): number {
    const { maxDelayMs, traffic } = this.#scenario;
    return maxDelayMs + 500 / traffic.bytesPerMs;
  }

  /** By how much clocks have come apart by themselves. */
  get #driftedMs(): number {
    return (2 * this.#tree.world.nowMs * Math.max(...this.#scenario.drifts.map(Math.abs))) / 1e6;
  }

  /** No clock is behind the root's by more than it takes to tell. */
  #checkClocks(): void {
    const { world, places } = this.#tree;
    const treeMs = places.map(
      ({ clock, node }) => clock.wallMs(world.nowMs) + node.broker.clockOffsetMs,
    );
    for (const place of places) {
      const wires = this.#tree.wayUp(place).map(({ wire }) => wire);
      if (!place.node.isAlive || wires.some((wire) => wire?.isLive !== true)) continue;
      const behindMs = (treeMs[0] ?? 0) - (treeMs[place.index] ?? 0);
      if (behindMs > wires.length * this.#hopMs + this.#driftedMs + 1) {
        throw new Error(`the clock of node ${place.index} is ${behindMs} ms behind the root's`);
      }
    }
  }

  /** When nothing happens, hardly anything is sent, and what is old is forgotten. */
  #rest(): void {
    const { world, places } = this.#tree;
    const { deletedMs, staleMs } = this.#scenario.keeps;
    const forMs = this.#forgets ? Math.max(deletedMs, staleMs) + 4000 : quietMs;
    const before = places.map(({ wire }) => wire?.sends ?? 0);
    world.runUntil(world.nowMs + forMs);
    for (const { index, wire } of places) {
      const sends = (wire?.sends ?? 0) - (before[index] ?? 0);
      if (sends > (forMs / pingIntervalMs + 1) * sendsPerPing) {
        throw new Error(`${sends} lines went over the link of node ${index} when all was quiet`);
      }
    }
    this.#checkClocks();
    for (const { node, disk } of places) {
      if (disk !== undefined) checkKept(node, disk);
      if (!this.#forgets) continue;
      if (node.broker.cache.size > 0) throw new Error(`${node.id} forgets nothing`);
      if (disk !== undefined && disk.size > 0)
        throw new Error(`${node.id} keeps what is forgotten`);
    }
  }

  /** Disks have room again: what is written now is kept. */
  #checkFlush(): void {
    const { world, places } = this.#tree;
    for (const place of places) {
      this.#deeds.store(place, 'k0');
      this.#deeds.flush(place, 'writer');
    }
    world.runUntil(world.nowMs + 1000);
    for (const { node, clients } of places) {
      clients.writer.checkWaiting(0);
      if (clients.writer.wasRefused) throw new Error(`${node.id} does not keep what is written`);
    }
  }
}

/**
 * Runs a scenario.
 *
 * @param sabotage - Makes every node wrong, to see whether it is found.
 * @throws Error that says what does not hold.
 */
export const simulate = (scenario: Scenario, sabotage: Sabotage = () => undefined): void => {
  new Run(scenario, sabotage).run();
};
