import type { SimulatedClient } from './client.ts';
import type { LineWatcher } from './port.ts';
import type { Place, SimulatedTree } from './tree.ts';
import type { Wire } from './wire.ts';

/** A signal on its way to those who listen at all places. */
interface Signal {
  readonly serial: number;
  readonly atMs: number;
  readonly to: readonly { readonly client: SimulatedClient; readonly wires: readonly Wire[] }[];
}

/** The signals that were sent, and who is to receive each. */
export class Signals {
  readonly #tree: SimulatedTree;
  readonly #travelMs: number;
  #onTheirWay: Signal[] = [];

  /** @param travelMs - How long one may be on its way. */
  constructor(tree: SimulatedTree, travelMs: number) {
    this.#tree = tree;
    this.#travelMs = travelMs;
  }

  /** A client sends a signal: those hear it to whom all links work. */
  send(place: Place, line: string, serial: number, watcher?: LineWatcher): void {
    const to = this.#tree.places.flatMap((each) => {
      const wires = this.#tree.wiresBetween(place, each);
      const live = wires.filter((wire) => wire?.isLive === true) as Wire[];
      return live.length === wires.length ? [{ client: each.clients.reader, wires: live }] : [];
    });
    place.clients.writer.say(line, {
      takes: () => watcher?.takes(),
      handled: () => {
        watcher?.handled();
        this.#onTheirWay.push({ serial, atMs: this.#tree.world.nowMs, to });
      },
    });
  }

  /** None is lost while all on the way stay connected. Comes when none is on its way. */
  check(): void {
    for (const { serial, atMs, to } of this.#onTheirWay) {
      for (const { client, wires } of to) {
        const stayed = wires.every(({ brokenAtMs }) => brokenAtMs > atMs + this.#travelMs);
        if (stayed && client.node.isAlive && !client.signals.has(serial)) {
          throw new Error(`signal ${serial} is lost on its way to ${client.node.id}`);
        }
      }
    }
    this.#onTheirWay = [];
  }
}
