import { randomFrom } from '../support/random.ts';
import { SimulatedClient } from './client.ts';
import { SimulatedClock } from './clock.ts';
import { SimulatedDisk } from './disk.ts';
import { SimulatedNode } from './node.ts';
import type { Sabotage } from './node.ts';
import type { Scenario } from './scenario.ts';
import { Wire } from './wire.ts';
import { World } from './world.ts';

/** The clients at a node: what they are called says what they may do. */
interface Clients {
  readonly manager: SimulatedClient;
  readonly writer: SimulatedClient;
  readonly reader: SimulatedClient;
}

/** A machine that a node runs on. */
interface Machine {
  readonly index: number;
  readonly master: number | undefined;
  readonly clock: SimulatedClock;
  readonly disk: SimulatedDisk | undefined;
  /** How many times its node has been started. */
  runs: number;
}

/** A place in the tree: a node runs there, crashes, and runs again. */
export interface Place extends Machine {
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
  /** When a node last moved the times of all that it had, to adopt another clock. */
  shiftedAtMs = -Infinity;
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
      const machine = { index, master, clock, disk: this.#newDisk(index), runs: 0 };
      const node = this.#newNode(machine);
      const clients = newClients(node);
      const link = { wire: undefined, cutUntilMs: 0, breaksLocked: undefined };
      this.places.push({ ...machine, node, clients, ...link });
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
      ({ index, node, wire }) =>
        node.isAlive && !node.isStopping && (index === 0 || wire?.isLive === true),
    );
  }

  /** Cuts a node from its master for some time: both notice, or the slave does, or nobody. */
  cut(number: number, forMs: number, how: 'cut' | 'halve' | 'silence'): void {
    const place = this.place(number);
    place.cutUntilMs = Math.max(place.cutUntilMs, this.world.nowMs + forMs);
    place.wire?.[how]();
  }

  /** Cuts a node from its master and its slaves for some time. */
  isolate(number: number, forMs: number): void {
    const { index } = this.place(number);
    for (const each of this.places) {
      if (each.index === index || each.master === index) this.cut(each.index, forMs, 'cut');
    }
  }

  /** Cuts a node from its master, and once more when it is linked again, but still locked. */
  relock(number: number, how: 'cut' | 'silence'): void {
    const place = this.place(number);
    place.breaksLocked = how;
    place.wire?.cut();
  }

  /** Crashes a node, which loses what is not on its disk, and starts it again after some time. */
  restart(number: number, forMs: number): void {
    const place = this.place(number);
    if (!place.node.isAlive) return;
    place.node.isAlive = false;
    place.disk?.crashed();
    // A crashed process is noticed, a machine without power is not.
    const how = this.#random() < 0.5 ? 'cut' : 'silence';
    for (const each of this.places) {
      if (each === place || each.master === place.index) each.wire?.[how]();
    }
    this.world.in(forMs, () => {
      this.#startAnew(place);
    });
  }

  /**
   * Stops a node in order, and starts it again after some time.
   *
   * @param kept - Called if all that it knew is on its disk.
   */
  stop(number: number, forMs: number, kept: (place: Place) => void): void {
    const place = this.place(number);
    const { node, disk } = place;
    if (!node.isAlive || node.isStopping) return;
    node.stop((isKept) => {
      disk?.left(isKept ? node.broker.cache.lastingId : undefined);
      if (disk !== undefined && isKept) kept(place);
      this.world.in(forMs, () => {
        this.#startAnew(place);
      });
    });
  }

  /** Nothing is cut any more. */
  heal(): void {
    for (const place of this.places) {
      place.cutUntilMs = 0;
      place.breaksLocked = undefined;
      place.disk?.heal();
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

  #newDisk(index: number): SimulatedDisk | undefined {
    const { disks, seed } = this.#scenario;
    return disks[index] === true
      ? new SimulatedDisk(this.world, randomFrom(seed + index * 104_729))
      : undefined;
  }

  #startAnew(place: Place): void {
    place.runs++;
    place.node = this.#newNode(place);
    place.clients = newClients(place.node);
    place.node.start();
  }

  #newNode({ index, master, clock, disk, runs }: Machine): SimulatedNode {
    const { keeps, sync, seed, maxDelayMs } = this.#scenario;
    return new SimulatedNode(this.world, {
      name: `n${index}`,
      id: `n${index}-${runs}`,
      clock,
      keeps,
      disk,
      sync,
      hasMaster: master !== undefined,
      random: randomFrom(seed + index * 1000 + runs),
      dial: (node) => {
        this.world.in(this.#random() * maxDelayMs, () => {
          this.#dialed(node, index);
        });
      },
      shifted: () => {
        this.shiftedAtMs = this.world.nowMs;
      },
      sabotage: this.#sabotage,
    });
  }

  #dialed(node: SimulatedNode, index: number): void {
    const place = this.place(index);
    const master = this.place(place.master ?? 0);
    const isThere = master.node.isAlive && !master.node.isStopping;
    const isReachable = isThere && place.cutUntilMs <= this.world.nowMs;
    if (!node.isAlive || node.isStopping || place.node !== node) return;
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
