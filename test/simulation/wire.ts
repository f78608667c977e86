import { SimulatedPort } from './port.ts';
import type { SimulatedNode } from './node.ts';
import type { World } from './world.ts';

/** A connection between two nodes: what is sent arrives later, in order, or not at all. */
export class Wire {
  /** When it was cut, or fell silent. */
  brokenAtMs = Infinity;
  readonly #world: World;
  readonly #delay: () => number;
  readonly #ends: readonly [SimulatedPort, SimulatedPort];
  readonly #nodes: readonly [SimulatedNode, SimulatedNode];
  readonly #lastArrivalMs: [number, number] = [0, 0];
  #isSilent = false;

  /**
   * @param delay - How long the next bytes take, in ms.
   */
  constructor(world: World, slave: SimulatedNode, master: SimulatedNode, delay: () => number) {
    this.#world = world;
    this.#delay = delay;
    this.#nodes = [slave, master];
    this.#ends = [this.#newPort(slave, 1), this.#newPort(master, 0)];
    const [slaveEnd, masterEnd] = this.#ends;
    master.act(() => {
      masterEnd.session = master.broker.open(masterEnd);
    });
    slave.act(() => {
      slaveEnd.session = slave.interclacks.dialed(slaveEnd);
    });
  }

  /** Whether both nodes take it for a link that works. */
  get isLive(): boolean {
    return this.#ends.every(({ session }) => session?.link?.status.state === 'live');
  }

  /** Both ends notice that it is gone, sooner or later. */
  cut(): void {
    this.#break();
    for (const end of [0, 1] as const)
      this.#arrive(end, (port) => {
        port.gone();
      });
    this.#isSilent = true;
  }

  /** Nothing arrives any more, and nobody notices. */
  silence(): void {
    this.#break();
    this.#isSilent = true;
  }

  #break(): void {
    this.brokenAtMs = Math.min(this.brokenAtMs, this.#world.nowMs);
  }

  #newPort(node: SimulatedNode, otherEnd: 0 | 1): SimulatedPort {
    return new SimulatedPort(node, {
      send: (lines) => {
        this.#arrive(otherEnd, (port) => {
          port.receive(lines);
        });
      },
      closed: () => {
        this.#break();
        this.#arrive(otherEnd, (port) => {
          port.gone();
        });
      },
    });
  }

  #arrive(end: 0 | 1, how: (port: SimulatedPort) => void): void {
    if (this.#isSilent) return;
    const atMs = Math.max(this.#lastArrivalMs[end], this.#world.nowMs + this.#delay());
    this.#lastArrivalMs[end] = atMs;
    this.#world.at(atMs, () => {
      const port = this.#ends[end];
      this.#nodes[end].act(() => {
        how(port);
      });
    });
  }
}
