import { ClacksClientError } from './errors.ts';

/**
 * What becomes of what comes in when a loop is so slow that its queue is full:
 *
 * - `fail`: the loop gets what waits, then throws `CLACKS_ERR_QUEUE_FULL`. Nothing is lost without a
 *   word.
 * - `pause`: nothing more is read from the server, for all of this client, until half of it is taken.
 *   Nothing is lost, as long as the server waits: it closes who takes nothing for long (its
 *   `stalledwritetimeout` and `maxoutbuffer`). While an answer of the server is awaited, reading goes on.
 * - `dropOldest`: what has waited longest is dropped.
 * - `latestPerName`: of each name, only the latest waits, in the place of the one before; with too many
 *   names, what has waited longest is dropped.
 */
export type QueuePolicy = 'fail' | 'pause' | 'dropOldest' | 'latestPerName';

const policies: readonly QueuePolicy[] = ['fail', 'pause', 'dropOldest', 'latestPerName'];

/** How much waits for a loop. */
export interface QueueOptions {
  /** What happens when the queue is full. */
  readonly policy?: QueuePolicy;
  /** How many may wait. Default 100,000; there is a limit of 64 MiB besides. */
  readonly maxQueued?: number;
}

/** What a queue holds, and how. */
export interface QueueRules<Item> {
  /** What waits in it, for messages. */
  readonly what: string;
  readonly policy: QueuePolicy;
  readonly maxQueued: number;
  bytesOf(item: Item): number;
  /** Of the items with the same key, only the latest is kept with `latestPerName`. */
  keyOf(item: Item): string;
  /** Makes an item that says that some before it were dropped. */
  readonly afterDrop?: (item: Item) => Item;
}

/** What a queue tells its owner. */
export interface QueueEvents {
  /** Nothing more is wanted. */
  left(): void;
  /** Nothing more should come for now. May be said again. */
  full(): void;
  /** More may come. */
  roomy(): void;
  dropped(): void;
}

const defaultMaxQueued = 100_000;
const maxBytes = 64 * 1024 * 1024;

/** How many come in spite of a pause, at most, since an answer of the server is awaited. */
const maxDuringPause = 100_000;

/**
 * Fills in the defaults.
 *
 * @throws TypeError if an option is wrong.
 */
export const resolveQueueOptions = (
  options: QueueOptions,
  defaultPolicy: QueuePolicy,
): Required<QueueOptions> => {
  const { policy = defaultPolicy, maxQueued = defaultMaxQueued } = options;
  if (!policies.includes(policy)) {
    throw new TypeError(`policy is one of ${policies.join(', ')}, not ${policy}.`);
  }
  if (!Number.isSafeInteger(maxQueued) || maxQueued < 1) {
    throw new TypeError(`maxQueued is a whole number above 0, not ${maxQueued}.`);
  }
  return { policy, maxQueued };
};

interface Waiting<Item> {
  readonly resolve: (result: IteratorResult<Item, undefined>) => void;
  readonly reject: (error: ClacksClientError) => void;
}

interface Slot<Item> {
  item: Item;
}

/** What waits between the connection that brings it and a loop that takes it. */
export class Queue<Item> implements AsyncIterator<Item, undefined> {
  readonly #rules: QueueRules<Item>;
  readonly #events: QueueEvents;
  #slots: Slot<Item>[] = [];
  /** How many of them have been taken: shift() on a long array would move all of it. */
  #taken = 0;
  #bytes = 0;
  /** With `latestPerName`, where the latest of each key waits. */
  readonly #slotOf = new Map<string, Slot<Item>>();
  readonly #waiting: Waiting<Item>[] = [];
  #isFull = false;
  #hasDropped = false;
  #error: ClacksClientError | undefined;
  #ended = false;

  constructor(rules: QueueRules<Item>, events: QueueEvents) {
    this.#rules = rules;
    this.#events = events;
  }

  push(item: Item): void {
    if (this.#ended) return;
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next.resolve({ done: false, value: this.#marked(item) });
      return;
    }
    this.#add(item);
    if (this.#length > this.#rules.maxQueued || this.#bytes > maxBytes) this.#overflow();
  }

  /** No more will come; what waits can be taken, then comes the error if there is one. */
  end(error?: ClacksClientError): void {
    if (this.#ended) return;
    this.#ended = true;
    // Said once: to who waits, or to who comes next.
    if (this.#waiting.length === 0) this.#error = error;
    this.#letOn();
    this.#events.left();
    for (const next of this.#waiting.splice(0)) {
      if (error === undefined) next.resolve({ done: true, value: undefined });
      else next.reject(error);
    }
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    if (this.#length > 0) return Promise.resolve({ done: false, value: this.#take() });
    if (this.#error !== undefined) {
      const error = this.#error;
      this.#error = undefined;
      return Promise.reject(error);
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  return(): Promise<IteratorResult<Item, undefined>> {
    this.clear();
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Forgets what waits. */
  clear(): void {
    this.#slots = [];
    this.#slotOf.clear();
    this.#taken = 0;
    this.#bytes = 0;
  }

  get #length(): number {
    return this.#slots.length - this.#taken;
  }

  #add(item: Item): void {
    this.#bytes += this.#rules.bytesOf(item);
    if (this.#rules.policy !== 'latestPerName') {
      this.#slots.push({ item });
      return;
    }
    const key = this.#rules.keyOf(item);
    const slot = this.#slotOf.get(key);
    if (slot === undefined) {
      const added = { item };
      this.#slotOf.set(key, added);
      this.#slots.push(added);
      return;
    }
    this.#bytes -= this.#rules.bytesOf(slot.item);
    slot.item = item;
    this.#dropped();
  }

  #overflow(): void {
    switch (this.#rules.policy) {
      case 'dropOldest':
      case 'latestPerName':
        while (this.#length > this.#rules.maxQueued || this.#bytes > maxBytes) {
          this.#remove();
          this.#dropped();
        }
        return;
      case 'pause':
        this.#isFull = true;
        this.#events.full();
        if (this.#length <= this.#rules.maxQueued + maxDuringPause && this.#bytes <= 2 * maxBytes) {
          return;
        }
        break;
      case 'fail':
    }
    const last = this.#slots.pop();
    if (last !== undefined) this.#bytes -= this.#rules.bytesOf(last.item);
    this.end(this.#overflowError());
  }

  #dropped(): void {
    this.#hasDropped = true;
    this.#events.dropped();
  }

  #overflowError(): ClacksClientError {
    const { what, maxQueued } = this.#rules;
    return new ClacksClientError(
      'CLACKS_ERR_QUEUE_FULL',
      `More than ${maxQueued} ${what}, or ${maxBytes} bytes of them, wait for a loop that is too slow.`,
    );
  }

  #take(): Item {
    const item = this.#marked(this.#remove());
    if (this.#isFull && this.#length <= this.#rules.maxQueued / 2) this.#letOn();
    return item;
  }

  #letOn(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    this.#events.roomy();
  }

  #remove(): Item {
    const slot = this.#slots[this.#taken];
    if (slot === undefined) throw new RangeError('Nothing waits.');
    const { item } = slot;
    this.#taken++;
    this.#bytes -= this.#rules.bytesOf(item);
    if (this.#rules.policy === 'latestPerName') this.#slotOf.delete(this.#rules.keyOf(item));
    if (this.#taken * 2 >= this.#slots.length) {
      this.#slots = this.#slots.slice(this.#taken);
      this.#taken = 0;
    }
    return item;
  }

  #marked(item: Item): Item {
    if (!this.#hasDropped) return item;
    this.#hasDropped = false;
    return this.#rules.afterDrop?.(item) ?? item;
  }
}
