import type { Broker } from '../../packages/clacks/src/broker/broker.ts';
import { SimulatedClient } from './client.ts';
import { SimulatedNode } from './node.ts';
import type { Scenario } from './scenario.ts';
import { Wire } from './wire.ts';
import { randomFrom, World } from './world.ts';

/** A place in the tree: a node runs there, crashes, and runs again. */
export interface Place {
  readonly index: number;
  readonly master: number | undefined;
  node: SimulatedNode;
  writer: SimulatedClient;
  reader: SimulatedClient;
  wire: Wire | undefined;
  /** Until when nothing gets through to the master. */
  cutUntilMs: number;
}

/** A tree of nodes, with a client that writes and one that listens at each. */
export class SimulatedTree {
  readonly world = new World();
  readonly places: Place[] = [];
  readonly #scenario: Scenario;
  readonly #sabotage: (broker: Broker) => void;
  readonly #random: () => number;
  #wires = 0;

  constructor(scenario: Scenario, sabotage: (broker: Broker) => void) {
    this.#scenario = scenario;
    this.#sabotage = sabotage;
    this.#random = randomFrom(scenario.seed);
    for (let index = 0; index <= scenario.masters.length; index++) {
      const master = index === 0 ? undefined : (scenario.masters[index - 1] ?? 0) % index;
      const node = this.#newNode(index, master, 0);
      const [writer, reader] = this.#newClients(node);
      const place = { index, master, node, writer, reader, wire: undefined, cutUntilMs: 0 };
      this.places.push(place);
    }
    for (const { node } of this.places) this.#start(node);
  }

  /** The place of a node by any number. */
  place(number: number): Place {
    const place = this.places[number % this.places.length];
    if (place === undefined) throw new Error('a tree has places');
    return place;
  }

  /** Cuts a node from its master, loudly or silently, for some time. */
  cut(number: number, forMs: number, how: 'cut' | 'silence'): void {
    const place = this.place(number);
    place.cutUntilMs = Math.max(place.cutUntilMs, this.world.nowMs + forMs);
    if (how === 'cut') place.wire?.cut();
    else place.wire?.silence();
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
      place.node = this.#newNode(place.index, place.master, run);
      [place.writer, place.reader] = this.#newClients(place.node);
      this.#start(place.node);
    });
  }

  /** Nothing is cut any more. */
  heal(): void {
    for (const place of this.places) place.cutUntilMs = 0;
  }

  /** The connections on the way from one place to another. */
  wiresBetween(from: Place, to: Place): (Wire | undefined)[] {
    const [up, down] = [this.#wayUp(from), this.#wayUp(to)];
    return [
      ...up.filter((place) => !down.includes(place)),
      ...down.filter((place) => !up.includes(place)),
    ].map(({ wire }) => wire);
  }

  /** A place and those above it, but for the root. */
  #wayUp(place: Place): Place[] {
    if (place.master === undefined) return [];
    return [place, ...this.#wayUp(this.place(place.master))];
  }

  #newNode(index: number, master: number | undefined, run: number): SimulatedNode {
    return new SimulatedNode(this.world, {
      name: `n${index}`,
      run,
      skewMs: this.#scenario.skewsMs[index] ?? 0,
      hasMaster: master !== undefined,
      random: randomFrom(this.#scenario.seed + index * 1000 + run),
      dial: (node) => {
        this.world.in(this.#random() * this.#scenario.maxDelayMs, () => {
          this.#dialed(node, index);
        });
      },
      sabotage: this.#sabotage,
    });
  }

  #newClients(node: SimulatedNode): [SimulatedClient, SimulatedClient] {
    return [new SimulatedClient(node, 'writer'), new SimulatedClient(node, 'reader')];
  }

  #start(node: SimulatedNode): void {
    node.act(() => {
      node.interclacks.start();
    });
  }

  #dialed(node: SimulatedNode, index: number): void {
    const place = this.place(index);
    const master = this.place(place.master ?? 0);
    const isReachable = master.node.isAlive && place.cutUntilMs <= this.world.nowMs;
    if (!node.isAlive || place.node !== node) return;
    if (!isReachable) {
      node.act(() => {
        node.interclacks.dialFailed(new Error('unreachable'));
      });
      return;
    }
    this.#wires++;
    const random = randomFrom(this.#scenario.seed + this.#wires * 7919);
    const delay = (): number => Math.round(random() * this.#scenario.maxDelayMs);
    place.wire = new Wire(this.world, node, master.node, delay);
  }
}
