import type { ClacksClientError } from './errors.ts';
import type { Signal } from './signal.ts';
import { SignalQueue } from './signal-queue.ts';

/**
 * Listening to one name or pattern. Without a handler, iterating over it gives the signals one
 * after the other: the first iteration those since `listen()`, others those since they began. While
 * there is no connection an iteration waits; it throws the client's error if there will be none any
 * more.
 *
 * Up to 100,000 signals, or 64 MiB of them, wait for a loop that is slow. When there are more, it
 * gets those that wait and then throws `CLACKS_ERR_QUEUE_FULL`, rather than losing some without a
 * word.
 */
export class Subscription implements AsyncIterable<Signal>, Disposable {
  /** The name or pattern listened to. */
  readonly name: string;
  readonly #end: (subscription: Subscription) => void;
  readonly #handler: ((signal: Signal) => void) | undefined;
  /** Replaced, never changed, as queues come and go while a signal is delivered. */
  #queues: readonly SignalQueue[] = [];
  /** What waits for the first iteration. */
  #first: SignalQueue | undefined;
  #isEnded = false;

  /** @internal */
  constructor(
    name: string,
    handler: ((signal: Signal) => void) | undefined,
    end: (subscription: Subscription) => void,
  ) {
    this.name = name;
    this.#handler = handler;
    this.#end = end;
    if (handler === undefined) this.#first = this.#newQueue();
  }

  /** Stops listening. Iterations end when they have given what they have. */
  unlisten(): void {
    this.finish(undefined);
  }

  /** Same as {@link unlisten}. */
  [Symbol.dispose](): void {
    this.unlisten();
  }

  [Symbol.asyncIterator](): AsyncIterator<Signal, undefined> {
    const queue = this.#first ?? this.#newQueue();
    this.#first = undefined;
    return queue;
  }

  /** @internal */
  readonly deliver = (signal: Signal): void => {
    // A handler that was called before may have ended it.
    if (this.#isEnded) return;
    for (const queue of this.#queues) queue.push(signal);
    // Last, since it may throw.
    this.#handler?.(signal);
  };

  /** @internal */
  finish(error: ClacksClientError | undefined): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    for (const queue of this.#queues) queue.end(error);
    this.#end(this);
  }

  #newQueue(): SignalQueue {
    const queue = new SignalQueue(this.name, (left) => {
      this.#queues = this.#queues.filter((each) => each !== left);
      // Too many for an iteration that has not begun, and perhaps never will: who handles signals
      // by the event `signal` does not iterate. Then only the error waits for it.
      if (left === this.#first && !this.#isEnded) left.clear();
    });
    if (this.#isEnded) queue.end();
    else this.#queues = [...this.#queues, queue];
    return queue;
  }
}
