import { ClacksClientError } from './errors.ts';
import type { Signal } from './signal.ts';

/** Most signals that an iterator keeps for a loop that is slower than they come. */
const maxQueuedSignals = 100_000;

/**
 * Listening to one name or pattern. Iterating over it gives the signals one after the other, from
 * the moment on when the iteration begins.
 *
 * An iterator keeps up to 100,000 signals for a loop that is slow. When there are more, it throws
 * `CLACKS_ERR_QUEUE_FULL` rather than losing some without a word.
 */
export class Subscription implements AsyncIterable<Signal>, Disposable {
  /** The name or pattern listened to. */
  readonly name: string;
  readonly #end: (subscription: Subscription) => void;
  readonly #handler: ((signal: Signal) => void) | undefined;
  readonly #iterators = new Set<SignalQueue>();
  #ended = false;

  /** @internal */
  constructor(
    name: string,
    handler: ((signal: Signal) => void) | undefined,
    end: (subscription: Subscription) => void,
  ) {
    this.name = name;
    this.#handler = handler;
    this.#end = end;
  }

  /** Stops listening. Iterations end when they have given what they have. */
  unlisten(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const queue of this.#iterators) queue.end();
    this.#iterators.clear();
    this.#end(this);
  }

  /** Same as {@link unlisten}. */
  [Symbol.dispose](): void {
    this.unlisten();
  }

  [Symbol.asyncIterator](): AsyncIterator<Signal, undefined> {
    const queue = new SignalQueue(this.name, () => this.#iterators.delete(queue));
    if (this.#ended) queue.end();
    else this.#iterators.add(queue);
    return queue;
  }

  /** @internal */
  deliver(signal: Signal): void {
    for (const queue of this.#iterators) queue.push(signal);
    // Last, since it may throw.
    this.#handler?.(signal);
  }
}

/** Signals between the connection that brings them and a loop that takes them. */
class SignalQueue implements AsyncIterator<Signal, undefined> {
  readonly #name: string;
  readonly #left: () => void;
  #signals: Signal[] = [];
  /** How many of the signals have been taken: shift() on a long array would move all of it. */
  #taken = 0;
  #waiting: ((result: IteratorResult<Signal, undefined>) => void)[] = [];
  #error: ClacksClientError | undefined;
  #ended = false;

  constructor(name: string, left: () => void) {
    this.#name = name;
    this.#left = left;
  }

  push(signal: Signal): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next({ done: false, value: signal });
    } else if (this.#signals.length - this.#taken < maxQueuedSignals) {
      this.#signals.push(signal);
    } else {
      this.#error = new ClacksClientError(
        'CLACKS_ERR_QUEUE_FULL',
        `More than ${maxQueuedSignals} signals of ${this.#name} wait for a loop that is too slow.`,
      );
      this.end();
    }
  }

  end(): void {
    this.#ended = true;
    this.#left();
    for (const next of this.#waiting.splice(0)) next({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<Signal, undefined>> {
    const signal = this.#take();
    if (signal !== undefined) return Promise.resolve({ done: false, value: signal });
    if (this.#error !== undefined) {
      const error = this.#error;
      this.#error = undefined;
      return Promise.reject(error);
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #take(): Signal | undefined {
    const signal = this.#signals[this.#taken];
    if (signal === undefined) return undefined;
    this.#taken++;
    if (this.#taken * 2 >= this.#signals.length) {
      this.#signals = this.#signals.slice(this.#taken);
      this.#taken = 0;
    }
    return signal;
  }

  return(): Promise<IteratorResult<Signal, undefined>> {
    this.#signals = [];
    this.#taken = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }
}
