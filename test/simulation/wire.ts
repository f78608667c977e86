import type { World } from './world.ts';

/** Where one end of a connection sends to. */
export interface Out {
  /** Bytes that the network has not taken yet. */
  readonly waitingBytes: number;
  send(lines: string): void;
  /** This end has closed the connection. */
  closed(): void;
}

/** One end of a connection. */
export interface WireEnd {
  /** Whether its node takes it for a link that works. */
  readonly isLive: boolean;
  receive(lines: string): void;
  /** The connection is gone. */
  gone(): void;
}

/** A node that connections can be made to and from. */
export interface WiredNode {
  /** Lets something happen at this node, if it still runs. */
  act(what: () => void): void;
  /** Another node has connected. */
  accepted(out: Out): WireEnd;
  /** The connection to the master is there. */
  dialed(out: Out): WireEnd;
}

/** How fast a connection is. */
export interface WireSpeed {
  /** How long the next bytes take besides, in ms. */
  readonly delay: () => number;
  /** How many bytes it carries in a ms, each way. */
  readonly bytesPerMs: number;
}

/** A connection between two nodes: what is sent arrives later, in order, or not at all. */
export class Wire {
  /** When it was cut, or fell silent. */
  brokenAtMs = Infinity;
  /** How many times something was sent. */
  sends = 0;
  /** Called when something has arrived at the slave. */
  slaveReceived: () => void = () => undefined;
  readonly #world: World;
  readonly #speed: WireSpeed;
  readonly #nodes: readonly [WiredNode, WiredNode];
  readonly #ends: (WireEnd | undefined)[] = [];
  /** Until when it is busy with what was sent to each end. */
  readonly #busyUntilMs: [number, number] = [0, 0];
  readonly #lastArrivalMs: [number, number] = [0, 0];
  #isSilent = false;
  #held: (() => void)[] | undefined;

  constructor(world: World, slave: WiredNode, master: WiredNode, speed: WireSpeed) {
    this.#world = world;
    this.#speed = speed;
    this.#nodes = [slave, master];
    master.act(() => {
      this.#ends[1] = master.accepted(this.#outTo(0));
    });
    slave.act(() => {
      this.#ends[0] = slave.dialed(this.#outTo(1));
    });
  }

  /** Whether it works, and both nodes take it for a link that does. */
  get isLive(): boolean {
    return this.brokenAtMs === Infinity && this.#ends.every((end) => end?.isLive === true);
  }

  /** Both ends notice that it is gone, sooner or later. */
  cut(): void {
    this.#lose([0, 1]);
  }

  /** Only the slave notices that it is gone. What is on its way to the master is held up. */
  halve(): void {
    this.#lose([0]);
    this.#held = [];
  }

  /** What is held up arrives. */
  release(): void {
    for (const arrive of this.#held?.splice(0) ?? []) arrive();
    this.#held = undefined;
  }

  /** Nothing arrives any more, and nobody notices. */
  silence(): void {
    this.#lose([]);
  }

  #lose(noticedBy: readonly (0 | 1)[]): void {
    this.#break();
    for (const end of noticedBy) {
      this.#arrive(end, 0, (port) => {
        port.gone();
      });
    }
    this.#isSilent = true;
  }

  #break(): void {
    this.brokenAtMs = Math.min(this.brokenAtMs, this.#world.nowMs);
  }

  #outTo(end: 0 | 1): Out {
    const waitingBytes = (): number =>
      Math.max(0, this.#busyUntilMs[end] - this.#world.nowMs) * this.#speed.bytesPerMs;
    return {
      get waitingBytes() {
        return waitingBytes();
      },
      send: (lines) => {
        this.sends++;
        this.#arrive(end, lines.length, (port) => {
          port.receive(lines);
        });
      },
      closed: () => {
        this.#break();
        this.#arrive(end, 0, (port) => {
          port.gone();
        });
      },
    };
  }

  #arrive(end: 0 | 1, bytes: number, how: (port: WireEnd) => void): void {
    const { nowMs } = this.#world;
    const { bytesPerMs, delay } = this.#speed;
    const sentAtMs = Math.max(nowMs, this.#busyUntilMs[end]) + bytes / bytesPerMs;
    this.#busyUntilMs[end] = sentAtMs;
    if (this.#isSilent) return;
    const atMs = Math.max(this.#lastArrivalMs[end], sentAtMs + delay());
    this.#lastArrivalMs[end] = atMs;
    const arrive = (): void => {
      this.#nodes[end].act(() => {
        const port = this.#ends[end];
        if (port !== undefined) how(port);
        if (end === 0) this.slaveReceived();
      });
    };
    this.#world.at(atMs, () => {
      if (end === 1 && this.#held !== undefined) this.#held.push(arrive);
      else arrive();
    });
  }
}
