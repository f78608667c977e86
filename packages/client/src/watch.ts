import { decodeValue, decodeValueBytes, wireFromText } from '@clacks/protocol';
import { callSafely } from './emitter.ts';
import type { ClacksClientError } from './errors.ts';
import { Queue } from './queue.ts';
import type { QueueOptions, QueueRules } from './queue.ts';
import type { ReadGate } from './read-gate.ts';
import { Reading } from './reading.ts';
import type { ReadingClient } from './reading.ts';
import type { Signal } from './signal.ts';
import type { Subscription } from './subscription.ts';

/** A value of a name that is watched. */
export interface WatchedValue {
  readonly name: string;
  /** The value as text; `undefined` if nothing is stored. */
  readonly value: string | undefined;
  /** The value's exact bytes. */
  readonly bytes: Uint8Array | undefined;
  /** The value as it came, not decoded: a string with one character for each byte. */
  readonly raw: string | undefined;
  /**
   * `stored`: it is what the server has stored: the first value, the first one after each reconnection,
   * and what this client has written itself. `signal`: somebody has just sent it.
   */
  readonly source: 'stored' | 'signal';
  /**
   * Whether there may have been others between the value before and this one: the connection was lost,
   * the queue was full, or what this client wrote itself could not be read in time.
   */
  readonly mayHaveMissed: boolean;
}

class Watched implements WatchedValue {
  readonly name: string;
  readonly value: string | undefined;
  readonly raw: string | undefined;
  readonly source: 'stored' | 'signal';
  readonly mayHaveMissed: boolean;

  constructor(
    name: string,
    raw: string | undefined,
    source: 'stored' | 'signal',
    mayHaveMissed: boolean,
  ) {
    this.name = name;
    this.raw = raw;
    this.value = raw === undefined ? undefined : decodeValue(raw);
    this.source = source;
    this.mayHaveMissed = mayHaveMissed;
  }

  get bytes(): Uint8Array | undefined {
    return this.raw === undefined ? undefined : decodeValueBytes(this.raw);
  }
}

/** What watching needs of a client. */
export interface WatchClient extends ReadingClient {
  readonly gate: ReadGate;
  /** @param ended - Called when it is not listened to any more, at whoever's wish. */
  listen(name: string, handler: (signal: Signal) => void, ended: () => void): Subscription;
}

/** Watches a name, from one moment to the end. */
export class WatchRun {
  readonly #client: WatchClient;
  readonly #name: string;
  readonly #wireName: string;
  readonly #deliver: (value: WatchedValue) => void;
  readonly #ended: (run: WatchRun, error: ClacksClientError | undefined) => void;
  readonly #subscription: Subscription;
  /** Whether signals are later than what was read. */
  #isLive = false;
  #hasBegun = false;
  /** Whether there may have been values since the last one that was handed out. */
  #mayHaveMissed = false;
  #reading: Reading | undefined;
  #lastRaw: string | undefined;
  #isEnded = false;

  /**
   * @param deliver - Gets each value.
   * @param ended - Called once, with the error if that is why.
   * @throws ClacksClientError with `CLACKS_ERR_CLOSED`.
   */
  constructor(
    client: WatchClient,
    name: string,
    deliver: (value: WatchedValue) => void,
    ended: (run: WatchRun, error: ClacksClientError | undefined) => void,
  ) {
    this.#client = client;
    this.#name = name;
    this.#wireName = wireFromText(name);
    this.#deliver = deliver;
    this.#ended = ended;
    this.#subscription = client.listen(name, this.#signalled, () => {
      this.end(undefined);
    });
    // After LISTEN on the same connection: what is stored when it is answered is older than each signal
    // that follows the answer, and includes each that came before it (protocol 1, order).
    this.read();
  }

  get wireName(): string {
    return this.#wireName;
  }

  /** The connection is lost: what is sent now is missed. */
  lost(): void {
    this.#isLive = false;
    this.#missed();
    this.#reading?.stop();
  }

  /** Reads what is stored now. Without a connection nothing happens. */
  read(): void {
    // What is asked now is answered later, and knows more.
    this.#reading?.stop();
    this.#reading = new Reading(this.#client, this.#wireName, {
      answered: this.#answered,
      delayed: () => {
        this.#missed();
      },
      failed: (error) => {
        this.end(error);
      },
    });
  }

  /** Watches no longer. */
  end(error: ClacksClientError | undefined): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#reading?.stop();
    this.#subscription.unlisten();
    this.#ended(this, error);
  }

  readonly #answered = (raw: string | undefined): void => {
    if (this.#isEnded) return;
    const wasLive = this.#isLive;
    this.#isLive = true;
    this.#hasBegun = true;
    // What this client has written itself: it may be what a signal has brought meanwhile.
    if (!wasLive || raw !== this.#lastRaw) this.#handOut(raw, 'stored');
  };

  readonly #signalled = (signal: Signal): void => {
    if (this.#isLive && signal.type === 'set') this.#handOut(signal.raw, 'signal');
  };

  #missed(): void {
    // Before the first value there is none to be missed.
    this.#mayHaveMissed = this.#hasBegun;
  }

  #handOut(raw: string | undefined, source: 'stored' | 'signal'): void {
    const mayHaveMissed = this.#mayHaveMissed;
    this.#mayHaveMissed = false;
    this.#lastRaw = raw;
    callSafely(this.#deliver, new Watched(this.#name, raw, source, mayHaveMissed));
  }
}

const rulesOf = (name: string, options: Required<QueueOptions>): QueueRules<WatchedValue> => ({
  ...options,
  what: `values of ${name}`,
  bytesOf: ({ raw = '' }) => name.length + raw.length,
  keyOf: () => name,
  afterDrop: ({ raw, source }) => new Watched(name, raw, source, true),
});

/**
 * Watching a name: its current value, and every later one. Without a handler, iterate over it: each
 * iteration begins with the value that is current then, throws the error that ends the client if one
 * does, and `CLACKS_ERR_DENIED` if the name may not be read.
 */
export class Watch implements AsyncIterable<WatchedValue>, Disposable {
  /** The name. */
  readonly name: string;
  readonly #client: WatchClient;
  readonly #runs: Set<WatchRun>;
  readonly #own = new Set<WatchRun>();
  readonly #queueOptions: Required<QueueOptions>;
  #isStopped = false;

  /**
   * @internal
   * @param runs - Where what runs is added, for who knows of the connection.
   * @param failed - Called when the handler will get no more values, because of that error.
   */
  constructor(
    client: WatchClient,
    name: string,
    runs: Set<WatchRun>,
    queueOptions: Required<QueueOptions>,
    handler: ((value: WatchedValue) => void) | undefined,
    failed: (error: ClacksClientError) => void,
  ) {
    this.#client = client;
    this.name = name;
    this.#runs = runs;
    this.#queueOptions = queueOptions;
    if (handler === undefined) return;
    this.#run(handler, (error) => {
      if (error !== undefined) failed(error);
    });
  }

  /** Watches no longer. Iterations end when they have given what they have. */
  stop(): void {
    this.#isStopped = true;
    for (const run of this.#own) run.end(undefined);
  }

  /** Same as {@link stop}. */
  [Symbol.dispose](): void {
    this.stop();
  }

  [Symbol.asyncIterator](): AsyncIterator<WatchedValue, undefined> {
    const { gate } = this.#client;
    let run: WatchRun | undefined;
    const queue = new Queue<WatchedValue>(rulesOf(this.name, this.#queueOptions), {
      left: () => run?.end(undefined),
      full: () => {
        gate.close(queue);
      },
      roomy: () => {
        gate.open(queue);
      },
      dropped: () => undefined,
    });
    if (this.#isStopped) {
      queue.end();
    } else {
      run = this.#run(
        (value) => {
          queue.push(value);
        },
        (error) => {
          queue.end(error);
        },
      );
    }
    return queue;
  }

  #run(
    deliver: (value: WatchedValue) => void,
    ended: (error: ClacksClientError | undefined) => void,
  ): WatchRun {
    const run = new WatchRun(this.#client, this.name, deliver, (gone, error) => {
      this.#runs.delete(gone);
      this.#own.delete(gone);
      ended(error);
    });
    this.#runs.add(run);
    this.#own.add(run);
    return run;
  }
}
