import type { ClacksClientError } from './errors.ts';
import type { Signal } from './signal.ts';
import { Queue } from './queue.ts';
import type { QueueOptions } from './queue.ts';
import type { ReadGate } from './read-gate.ts';

/** What a subscription is made with. */
export interface SubscriptionOptions {
  readonly handler: ((signal: Signal) => void) | undefined;
  readonly queue: Required<QueueOptions>;
  /** Closed while a queue makes the client wait. */
  readonly gate: ReadGate;
  /** Called once, when it has ended. */
  readonly ended: (subscription: Subscription) => void;
}

const bytesOf = (signal: Signal): number =>
  signal.name.length + (signal.type === 'set' ? signal.raw.length : 0);

/**
 * Listening to one name or pattern. Without a handler, iterating over it gives the signals one
 * after the other: the first iteration those since `listen()`, others those since they began. While
 * there is no connection an iteration waits; it throws the client's error if there will be none any
 * more.
 *
 * Up to 100,000 signals, or 64 MiB of them, wait for a loop that is slow. When there are more, it
 * gets those that wait and then throws `CLACKS_ERR_QUEUE_FULL`, rather than losing some without a
 * word; other policies are options of `listen()`.
 */
export class Subscription implements AsyncIterable<Signal>, Disposable {
  /** The name or pattern listened to. */
  readonly name: string;
  readonly #options: SubscriptionOptions;
  /** Replaced, never changed, as queues come and go while a signal is delivered. */
  #queues: readonly Queue<Signal>[] = [];
  /** What waits for the first iteration. */
  #first: Queue<Signal> | undefined;
  #isEnded = false;
  #dropped = 0;

  /** @internal */
  constructor(name: string, options: SubscriptionOptions) {
    this.name = name;
    this.#options = options;
    if (options.handler === undefined) this.#first = this.#newQueue();
  }

  /** How many signals were dropped because loops were too slow, with a policy that drops some. */
  get dropped(): number {
    return this.#dropped;
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
    this.#options.handler?.(signal);
  };

  /** @internal */
  finish(error: ClacksClientError | undefined): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    for (const queue of this.#queues) queue.end(error);
    this.#options.ended(this);
  }

  #newQueue(): Queue<Signal> {
    const { gate, queue: rules } = this.#options;
    const queue = new Queue<Signal>(
      {
        ...rules,
        what: `signals of ${this.name}`,
        bytesOf,
        keyOf: ({ type, name }) => `${type} ${name}`,
      },
      {
        left: () => {
          this.#queues = this.#queues.filter((each) => each !== queue);
          // Too many for an iteration that has not begun, and perhaps never will: who handles signals
          // by the event `signal` does not iterate. Then only the error waits for it.
          if (queue === this.#first && !this.#isEnded) queue.clear();
        },
        full: () => {
          gate.close(queue);
        },
        roomy: () => {
          gate.open(queue);
        },
        dropped: () => {
          this.#dropped++;
        },
      },
    );
    if (this.#isEnded) queue.end();
    else this.#queues = [...this.#queues, queue];
    return queue;
  }
}
