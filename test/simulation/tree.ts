import { SimulatedClient } from './client.ts';
import { SimulatedClock } from './clock.ts';
import { SimulatedNode } from './node.ts';
import type { Sabotage } from './node.ts';
import type { Scenario } from './scenario.ts';
import { Wire } from './wire.ts';
import { randomFrom, World } from './world.ts';

/** The clients at a node: what they are called says what they may do. */
interface Clients {
  readonly manager: SimulatedClient;
  readonly writer: SimulatedClient;
  readonly reader: SimulatedClient;
}

/** A place in the tree: a node runs there, crashes, and runs again. */
export interface Place {
  readonly index: number;
  readonly master: number | undefined;
  readonly clock: SimulatedClock;
  node: SimulatedNode;
  clients: Clients;
  wire: Wire | undefined;
  /** Until when nothing gets through to the master. */
  cutUntilMs: number;
  /** How the next link is to break while its node is locked. */
  breaksLocked: 'cut' | 'silence' | undefined;
}

const newClients = (node: SimulatedNode): Clients => ({
  manager: new SimulatedClient(node, 'manager'),
  writer: new SimulatedClient(node, 'writer'),
  reader: new SimulatedClient(node, 'reader'),
});

/** A tree of nodes, with clients at each. */
export class SimulatedTree {
  readonly world = new World();
  readonly places: Place[] = [];
  readonly #scenario: Scenario;
  readonly #sabotage: Sabotage;
  readonly #random: () => number;
  #wires = 0;

  constructor(scenario: Scenario, sabotage: Sabotage) {
    this.#scenario = scenario;
    this.#sabotage = sabotage;
    this.#random = randomFrom(scenario.seed);
    for (let index = 0; index <= scenario.masters.length; index++) {
      const master = index === 0 ? undefined : (scenario.masters[index - 1] ?? 0) % index;
      const drift = (scenario.drifts[index] ?? 0) / 1_000_000;
      const clock = new SimulatedClock(scenario.skewsMs[index] ?? 0, drift);
      const node = this.#newNode(index, master, clock, 0);
      const clients = newClients(node);
      const link = { wire: undefined, cutUntilMs: 0, breaksLocked: undefined };
      this.places.push({ index, master, clock, node, clients, ...link });
    }
    for (const { node } of this.places) node.start();
  }

  /** The place of a node by any number. */
  place(number: number): Place {
    const place = this.places[number % this.places.length];
    if (place === undefined) throw new Error('a tree has places');
    return place;
  }

  /** Whether all nodes run, and all links work. */
  get isWhole(): boolean {
    return this.places.every(
      ({ index, node, wire }) => node.isAlive && (index === 0 || wire?.isLive === true),
    );
  }

  /** Cuts a node from its master for some time: both notice, or the slave does, or nobody. */
  cut(number: number, forMs: number, how: 'cut' | 'halve' | 'silence'): void {
    const place = this.place(number);
    place.cutUntilMs = Math.max(place.cutUntilMs, this.world.nowMs + forMs);
    place.wire?.[how]();
  }

  /** Cuts a node from its master, and once more when it is linked again, but still locked. */
  relock(number: number, how: 'cut' | 'silence'): void {
    const place = this.place(number);
    place.breaksLocked = how;
    place.wire?.cut();
  }

  /** Crashes a node, which loses everything, and starts it again after some time. */
  restart(number: number, forMs: number): void {
    const place = this.place(number);
    if (!place.node.isAlive) return;
    place.node.isAlive = false;
    // A crashed process is noticed, a machine without power is not.
    const how = this.#random() < 0.5 ? 'cut' : 'silence';
    for (const each of this.places) {
      if (each === place || each.master === place.index) each.wire?.[how]();
    }
    const run = Number(place.node.id.split('-')[1]) + 1;
    this.world.in(forMs, () => {
      place.node = this.#newNode(place.index, place.master, place.clock, run);
      place.clients = newClients(place.node);
      place.node.start();
    });
  }

  /** Nothing is cut any more. */
  heal(): void {
    for (const place of this.places) {
      place.cutUntilMs = 0;
      place.breaksLocked = undefined;
    }
  }

  /** The connections on the way from one place to another. */
  wiresBetween(from: Place, to: Place): (Wire | undefined)[] {
    const [up, down] = [this.wayUp(from), this.wayUp(to)];
    return [
      ...up.filter((place) => !down.includes(place)),
      ...down.filter((place) => !up.includes(place)),
    ].map(({ wire }) => wire);
  }

  /** A place and those above it, but for the root. */
  wayUp(place: Place): Place[] {
    if (place.master === undefined) return [];
    return [place, ...this.wayUp(this.place(place.master))];
  }

  #newNode(
    index: number,
    master: number | undefined,
    clock: SimulatedClock,
    run: number,
  ): SimulatedNode {
    const { keeps, sync, seed, maxDelayMs } = this.#scenario;
    return new SimulatedNode(this.world, {
      name: `n${index}`,
      run,
      clock,
      keeps,
      sync,
      hasMaster: master !== undefined,
      random: randomFrom(seed + index * 1000 + run),
      dial: (node) => {
        this.world.in(this.#random() * maxDelayMs, () => {
          this.#dialed(node, index);
        });
      },
      sabotage: this.#sabotage,
    });
  }

  #dialed(node: SimulatedNode, index: number): void {
    const place = this.place(index);
    const master = this.place(place.master ?? 0);
    const isReachable = master.node.isAlive && place.cutUntilMs <= this.world.nowMs;
    if (!node.isAlive || place.node !== node) return;
    if (!isReachable) {
      node.dialFailed();
      return;
    }
    this.#wires++;
    const { seed, maxDelayMs, traffic } = this.#scenario;
    const random = randomFrom(seed + this.#wires * 7919);
    const delay = (): number => Math.round(random() * maxDelayMs);
    const { bytesPerMs } = traffic;
    const { wire: before } = place;
    this.world.in(random() * 4 * maxDelayMs, () => before?.release());
    const wire = new Wire(this.world, node, master.node, { delay, bytesPerMs });
    place.wire = wire;
    const { breaksLocked } = place;
    if (breaksLocked === undefined) return;
    wire.slaveReceived = () => {
      if (!node.isSynchronising || place.breaksLocked === undefined) return;
      place.breaksLocked = undefined;
      wire[breaksLocked]();
    };
  }
}
