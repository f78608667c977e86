import { isNewer } from '../../packages/clacks/src/broker/entry.ts';
import type { CacheEntry } from '../../packages/clacks/src/broker/entry.ts';
import { everything } from '../../packages/clacks/src/broker/ports.ts';
import type { Change, Store, StoredContext } from '../../packages/clacks/src/broker/ports.ts';
import { never } from '../../packages/clacks/src/broker/stamp.ts';
import type { Stamped } from '../../packages/clacks/src/broker/stamp.ts';
import type { SimulatedNode } from './node.ts';
import { checkKept } from './state.ts';
import type { World } from './world.ts';

/** The longest that a batch takes to be written, in ms. */
export const maxSaveMs = 200;
/** How likely it is that a batch is on the disk though nobody was told so. */
const keptUntold = { crashed: 0.5, failed: 0.2 };

interface Batch {
  readonly changes: readonly Change[];
  readonly context: StoredContext;
}

const copyEntry = (entry: CacheEntry): CacheEntry => {
  const { counter } = entry;
  if (counter === undefined) return { ...entry };
  return { ...entry, counter: { ...counter, parts: counter.parts.map((part) => ({ ...part })) } };
};

/** What a place keeps from one run of its node to the next. */
export class SimulatedDisk {
  /** It outlives all nodes: what it holds is never lost. */
  readonly isAlive = true;
  readonly #world: World;
  readonly #random: () => number;
  readonly #entries = new Map<string, CacheEntry>();
  #context: StoredContext | undefined;
  #lastingId: string | undefined;
  #writing: Batch | undefined;
  #fullUntilMs = 0;

  constructor(world: World, random: () => number) {
    this.#world = world;
    this.#random = random;
  }

  /** The run of the node that has stopped in order, which goes on. */
  get nodeId(): string | undefined {
    return this.#lastingId?.split('.')[0];
  }

  get context(): StoredContext | undefined {
    return this.#context;
  }

  /** How many entries it holds, outdated ones included. */
  get size(): number {
    return this.#entries.size;
  }

  get cleared(): Stamped {
    return this.#context?.cleared ?? never;
  }

  get originUs(): number {
    return (this.#context?.originMs ?? 0) * 1000;
  }

  /** The entries that were not cleared. */
  *entries(): Generator<CacheEntry> {
    for (const entry of this.#entries.values()) if (isNewer(entry, this.cleared)) yield entry;
  }

  /** Where a run of the node keeps its cache. */
  open(node: SimulatedNode): Store {
    return {
      save: (changes, context) => {
        this.#save(node, changes, context);
      },
    };
  }

  /** Gives a node back what was kept. */
  restore(node: SimulatedNode): void {
    const { broker } = node;
    for (const entry of this.#entries.values()) broker.cache.restore(copyEntry(entry));
    const lastingId = this.#lastingId;
    this.#lastingId = undefined;
    broker.restored(this.#context, lastingId);
    checkKept(node, this);
  }

  /** It is full for some time. */
  fill(forMs: number): void {
    this.#fullUntilMs = Math.max(this.#fullUntilMs, this.#world.nowMs + forMs);
  }

  /** There is room again. */
  heal(): void {
    this.#fullUntilMs = 0;
  }

  /** The node has crashed: what was being written is there, or not. */
  crashed(): void {
    const batch = this.#writing;
    this.#writing = undefined;
    if (batch !== undefined && this.#random() < keptUntold.crashed) this.#write(batch);
  }

  /**
   * The node has stopped in order.
   *
   * @param lastingId - What it goes on as, if all that it has told others was kept.
   */
  left(lastingId: string | undefined): void {
    if (lastingId !== undefined && this.#writing !== undefined) {
      throw new Error(`${lastingId} stops while it writes`);
    }
    this.crashed();
    this.#lastingId = lastingId;
  }

  #save(node: SimulatedNode, changes: readonly Change[], context: StoredContext): void {
    if (this.#writing !== undefined) throw new Error(`${node.id} writes twice at the same time`);
    // As they are now: entries go on changing.
    const copies = changes.map((each) => (typeof each === 'object' ? copyEntry(each) : each));
    const batch = { changes: copies, context };
    this.#writing = batch;
    this.#world.in(this.#random() * maxSaveMs, () => {
      if (this.#writing !== batch) return;
      this.#writing = undefined;
      const isFull = this.#world.nowMs < this.#fullUntilMs;
      if (!isFull || this.#random() < keptUntold.failed) this.#write(batch);
      node.act(() => {
        node.broker.keeper.saved(isFull ? 'No space left on device' : undefined);
      });
    });
  }

  #write({ changes, context }: Batch): void {
    for (const change of changes) {
      if (change === everything) this.#entries.clear();
      else if (typeof change === 'string') this.#entries.delete(change);
      else this.#entries.set(change.name, change);
    }
    this.#context = context;
  }
}
