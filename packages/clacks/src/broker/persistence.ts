import type { EntryChanges } from './entry-table.ts';
import { everything } from './ports.ts';
import type { CacheEntry, Change, Store, StoredContext } from './ports.ts';

/** What is told of how keeping goes. */
export interface PersistenceEvents {
  /** Changes cannot be kept, for that reason. It is tried again and again. */
  storeFailed(reason: string): void;
  /** They can be kept again. */
  storeRecovered(): void;
}

/** What a {@link Persistence} is made with. */
export interface PersistenceOptions {
  /** How long changes may wait that nobody asks for, in ms. */
  readonly settings: { readonly persistenceIntervalMs: number };
  readonly events: PersistenceEvents;
  /** What all entries have in common. */
  readonly context: () => StoredContext;
  /** All entries, and how many they are, about. */
  readonly entries: () => Iterable<CacheEntry>;
  readonly count: () => number;
  /** Monotonic ms. */
  readonly now: () => number;
}

/** Somebody who waits until changes are kept, or cannot be. */
interface Waiting {
  readonly upTo: number;
  readonly done: (failure: string | undefined) => void;
}

/** Most changes written in one go: encoding them takes some 15 ms, and more cost less each. */
const maxBatchChanges = 65_536;
/** And most bytes of their names and values. */
const maxBatchBytes = 16 * 1024 * 1024;
/** So many are written before their time: the more wait, the longer it takes when they must. */
const maxUnsaved = 262_144;
/** Pause before the next attempt after one that failed, in ms. */
const retryMs = 1000;

/** Stands for a change of what all entries have in common: that is told with each batch. */
const contextOnly: Change = '';

/** What writing the steps of a node, and a name that makes no key of LMDB, cost, in bytes of others. */
const partBytes = 400;
const longNameBytes = 1000;
const longNameCost = 4000;

const sizeOf = (change: Change): number => {
  if (typeof change === 'symbol') return 0;
  if (typeof change === 'string') return change.length;
  const { name, value, counter } = change;
  const nameBytes = name.length > longNameBytes ? name.length + longNameCost : name.length;
  return (
    nameBytes +
    (value?.length ?? 0) +
    (counter === undefined ? 0 : partBytes * counter.parts.length)
  );
};

/**
 * Keeps the changes of a cache in a store, batch by batch, each as it is when its turn comes: a name
 * that is written a thousand times meanwhile is kept once. Changes are numbered, in the order in
 * which they are kept.
 */
export class Persistence implements EntryChanges {
  readonly #store: Store;
  readonly #options: PersistenceOptions;
  /** What is to be kept, with its number: entries, and names of those that are gone. */
  #unsaved = new Map<Change, number>();
  /** What the store is writing, or could not write. */
  #batch: readonly Change[] = [];
  #isSaving = false;
  #changes = 0;
  #savedUpTo = 0;
  /** Up to where somebody waits for, or it is due. */
  #wantedUpTo = 0;
  #dueAtMs = Infinity;
  #retryAtMs = 0;
  #failure: string | undefined;
  #waiting: Waiting[] = [];

  constructor(store: Store, options: PersistenceOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** The number of the last change. */
  get changes(): number {
    return this.#changes;
  }

  /** When {@link tick} next has something to do, in monotonic ms. */
  get nextTickMs(): number {
    if (this.#isSaving) return Infinity;
    return this.#failure === undefined ? this.#dueAtMs : this.#retryAtMs;
  }

  changed(entry: CacheEntry): void {
    if (!this.#unsaved.has(entry)) this.#note(entry);
  }

  forgotten(entry: CacheEntry): void {
    this.#unsaved.delete(entry);
    if (!this.#unsaved.has(entry.name)) this.#note(entry.name);
    if (this.#unsaved.size > maxUnsaved + 2 * this.#options.count()) this.#beginAnew();
  }

  cleared(): void {
    this.#replaceUnsaved([]);
  }

  contextChanged(): void {
    if (!this.#unsaved.has(contextOnly)) this.#note(contextOnly);
  }

  /** Whether a change is not kept yet, or one before it. */
  isPending(change: number): boolean {
    return change > this.#savedUpTo;
  }

  /** Waits until a change and all before it are kept, or cannot be now: then it is told why. */
  whenSaved(upTo: number, done: (failure: string | undefined) => void): void {
    if (!this.isPending(upTo)) done(undefined);
    else if (this.#failure !== undefined) done(this.#failure);
    else {
      this.#waiting.push({ upTo, done });
      this.#want(upTo);
    }
  }

  /** The store has written what it was given, or could not. */
  saved(failure: string | undefined): void {
    this.#isSaving = false;
    if (failure === undefined) this.#succeeded();
    else this.#failed(failure);
    this.tick();
  }

  /** Changes may wait for another time than before: those that wait do not begin anew. */
  intervalChanged(): void {
    const { now, settings } = this.#options;
    if (this.#dueAtMs === Infinity) return;
    this.#dueAtMs = Math.min(this.#dueAtMs, now() + settings.persistenceIntervalMs);
  }

  /** Does what is due. */
  tick(): void {
    if (this.#isSaving) return;
    if (this.#options.now() >= this.#dueAtMs) {
      this.#dueAtMs = Infinity;
      this.#want(this.#changes);
    } else {
      this.#save();
    }
  }

  #note(change: Change): void {
    this.#unsaved.set(change, ++this.#changes);
    const { now, settings } = this.#options;
    if (this.#unsaved.size > maxUnsaved) this.#dueAtMs = now();
    else if (this.#dueAtMs === Infinity) this.#dueAtMs = now() + settings.persistenceIntervalMs;
  }

  /** So many are gone that it takes less to write what is there than to tell of all of them. */
  #beginAnew(): void {
    this.#replaceUnsaved(this.#options.entries());
  }

  /**
   * What was to be kept before is not there any more, or among these. They have the number of what has
   * waited longest: so nothing that waited counts as kept before they are, and they are kept together.
   */
  #replaceUnsaved(entries: Iterable<CacheEntry>): void {
    const [oldest = this.#changes + 1] = this.#unsaved.values();
    if (!this.#isSaving) this.#batch = [];
    this.#unsaved = new Map();
    this.#note(everything);
    this.#unsaved.set(everything, oldest);
    for (const entry of entries) this.#unsaved.set(entry, oldest);
  }

  #want(upTo: number): void {
    this.#wantedUpTo = Math.max(this.#wantedUpTo, upTo);
    this.#save();
  }

  #save(): void {
    const { now, context } = this.#options;
    if (this.#isSaving || !this.isPending(this.#wantedUpTo)) return;
    if (this.#failure !== undefined && now() < this.#retryAtMs) return;
    // What could not be written comes first.
    if (this.#batch.length === 0) this.#batch = this.#takeBatch();
    this.#isSaving = true;
    this.#store.save(this.#batch, context());
  }

  #takeBatch(): Change[] {
    const batch: Change[] = [];
    let bytes = 0;
    const [oldest] = this.#unsaved.values();
    for (const [change, number] of this.#unsaved) {
      const isFull = batch.length >= maxBatchChanges || bytes >= maxBatchBytes;
      // What has the same number is kept together, or a crash in between would lose what was kept.
      if (isFull && number !== oldest) break;
      batch.push(change);
      bytes += sizeOf(change);
      this.#unsaved.delete(change);
    }
    // A Map that was large stays so.
    if (this.#unsaved.size === 0) this.#unsaved = new Map();
    return batch;
  }

  #succeeded(): void {
    this.#batch = [];
    const [first] = this.#unsaved.values();
    this.#savedUpTo = first === undefined ? this.#changes : first - 1;
    if (this.#failure !== undefined) {
      this.#failure = undefined;
      this.#options.events.storeRecovered();
    }
    const done = this.#waiting.filter(({ upTo }) => upTo <= this.#savedUpTo);
    this.#waiting = this.#waiting.filter(({ upTo }) => upTo > this.#savedUpTo);
    for (const each of done) each.done(undefined);
  }

  #failed(failure: string): void {
    // If all was forgotten meanwhile, there is nothing of that to be kept any more.
    if (this.#unsaved.has(everything)) this.#batch = [];
    this.#retryAtMs = this.#options.now() + retryMs;
    this.#wantedUpTo = this.#changes;
    if (this.#failure === undefined) this.#options.events.storeFailed(failure);
    this.#failure = failure;
    for (const { done } of this.#waiting.splice(0)) done(failure);
  }
}
