import { stampOf } from '../../packages/clacks/src/broker/entry.ts';
import type { CacheEntry } from '../../packages/clacks/src/broker/entry.ts';
import type { Stamped } from '../../packages/clacks/src/broker/stamp.ts';
import type { SimulatedDisk } from './disk.ts';
import type { SimulatedNode } from './node.ts';

/**
 * What a write is recognised by on all nodes: its stamp, and its value. Two nodes may do the same at
 * the same time: that counts as one.
 */
export type WriteId = string;

const idOf = (stampUs: number, value: string | undefined): WriteId =>
  `${stampUs}/${value?.slice(0, 20) ?? ''}`;

/** The write that an entry is of, or counts on from: of a counter that began from nothing, the clear. */
export const writeIdOf = (entry: CacheEntry): WriteId => {
  const { counter, value } = entry;
  return counter === undefined
    ? idOf(stampOf(entry), value)
    : idOf(counter.base.stampUs, counter.baseValue);
};

/** A clear as one. */
export const clearIdOf = ({ stampUs }: Stamped): WriteId => idOf(stampUs, undefined);

/** The write that was never. */
export const neverId = idOf(-Infinity, undefined);

/** Something that nodes or disks know. */
export interface Held {
  /** Where it is known, or what came after it. */
  readonly holders: Set<SimulatedNode | SimulatedDisk>;
}

/** A write of a name, or a clear, that a node has handled. */
export interface Write extends Held {
  readonly id: WriteId;
  readonly atMs: number;
  readonly value: string | undefined;
  /** The last clear that its node knew then. */
  readonly clearId: WriteId;
  /** Whether its node was cut off from its master. */
  readonly wasSevered: boolean;
}

/** A step that a node has handled. */
export interface Step extends Held {
  readonly node: SimulatedNode;
  readonly step: number;
}

/** Whether it is still known somewhere: not all who knew it have crashed, or a disk has it. */
export const survives = ({ holders }: Held): boolean => [...holders].some(({ isAlive }) => isAlive);

/** What a node knows of a name. */
export interface Known {
  readonly entryId: WriteId | undefined;
  readonly clearId: WriteId;
  readonly value: string | undefined;
}

/** What a node knows of a name now. */
export const knownOf = ({ broker }: SimulatedNode, name: string): Known => {
  const entry = broker.cache.entry(name);
  const clearId = clearIdOf(broker.cache.cleared);
  return { entryId: entry && writeIdOf(entry), clearId, value: entry?.value };
};

const append = <Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void => {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
};

/** Clears concern all names. */
const allNames = '';

/** Which write came after which, as their nodes saw it, whatever the clocks say. */
export class History {
  /** Writes by name. */
  readonly writes = new Map<string, Write[]>();
  readonly clears: Write[] = [];
  /** Steps by name and the write that they count on from. */
  readonly #steps = new Map<string, Step[]>();
  /** Writes by the name and the id of one that they came after. */
  readonly #after = new Map<string, Write[]>();
  readonly #keeps: (node: SimulatedNode) => boolean;

  /** @param keeps - Whether a node keeps what it knows until it crashes. */
  constructor(keeps: (node: SimulatedNode) => boolean) {
    this.#keeps = keeps;
  }

  /** A node has written a name. Returns what it knows by that. */
  wrote(node: SimulatedNode, name: string, before: Known): Held[] {
    const { entryId, clearId, value } = knownOf(node, name);
    if (entryId === undefined) throw new Error(`${node.id} has not written ${name}`);
    const holders = this.#holders(node);
    const { isSevered: wasSevered, world } = node;
    const write = { id: entryId, atMs: world.nowMs, value, clearId, wasSevered, holders };
    append(this.writes, name, write);
    this.#follows(write, name, before.entryId);
    this.#follows(write, allNames, clearId);
    return this.#keeps(node) ? [write] : [];
  }

  /** A node has added a step to a name. Returns what it knows by that. */
  counted(node: SimulatedNode, name: string, step: number): Held[] {
    const { entryId = neverId } = knownOf(node, name);
    const counted = { node, step, holders: this.#holders(node) };
    append(this.#steps, `${name} ${entryId}`, counted);
    if (!this.#keeps(node)) return [];
    // It knows what it counts on from.
    const bases = this.named(name, entryId);
    for (const base of bases) base.holders.add(node);
    return [counted, ...bases];
  }

  /** A node has emptied its cache, which had these. Returns what it knows by that. */
  cleared(node: SimulatedNode, before: ReadonlyMap<string, WriteId>, beforeId: WriteId): Held[] {
    const clearId = clearIdOf(node.broker.cache.cleared);
    const [id, atMs, holders] = [clearId, node.world.nowMs, this.#holders(node)];
    const clear = { id, atMs, value: undefined, clearId, wasSevered: false, holders };
    this.clears.push(clear);
    this.#follows(clear, allNames, beforeId);
    for (const [name, entryId] of before) this.#follows(clear, name, entryId);
    return this.#keeps(node) ? [clear] : [];
  }

  /** All that a node knows is on its disk. */
  left(node: SimulatedNode, disk: SimulatedDisk): void {
    for (const { holders } of this.#all) if (holders.has(node)) holders.add(disk);
  }

  /** All that is known anywhere is known to these nodes now. */
  settled(nodes: readonly SimulatedNode[]): void {
    const keepers = nodes.filter(this.#keeps);
    for (const held of this.#all) {
      if (survives(held)) for (const each of keepers) held.holders.add(each);
    }
  }

  /** The writes of a name, and the clears, that have this id. */
  named(name: string, id: WriteId): Write[] {
    return [...this.#sameWrites(name, id), ...this.clears.filter((clear) => clear.id === id)];
  }

  /** All names that were counted. */
  get stepNames(): Set<string> {
    return new Set([...this.#steps.keys()].map((key) => key.slice(0, key.indexOf(' '))));
  }

  stepsOn(name: string, id: WriteId): readonly Step[] {
    return this.#steps.get(`${name} ${id}`) ?? [];
  }

  /** The writes that came after one, or after one that did, and so on. */
  after(name: string, id: WriteId): Set<Write> {
    const found = new Set<Write>();
    const next = [id];
    for (let each = next.pop(); each !== undefined; each = next.pop()) {
      for (const key of [`${name} ${each}`, `${allNames} ${each}`]) {
        for (const write of this.#after.get(key) ?? []) {
          if (found.has(write) || !this.#concerns(write, name)) continue;
          found.add(write);
          next.push(write.id);
        }
      }
    }
    return found;
  }

  get #all(): Held[] {
    return [...this.writes.values(), this.clears, ...this.#steps.values()].flat();
  }

  #holders(node: SimulatedNode): Held['holders'] {
    return new Set(this.#keeps(node) ? [node] : []);
  }

  #concerns(write: Write, name: string): boolean {
    return this.clears.includes(write) || this.writes.get(name)?.includes(write) === true;
  }

  #sameWrites(name: string, id: WriteId): Write[] {
    return this.writes.get(name)?.filter((write) => write.id === id) ?? [];
  }

  #follows(write: Write, name: string, id: WriteId | undefined): void {
    if (id !== undefined && id !== write.id) append(this.#after, `${name} ${id}`, write);
  }
}
