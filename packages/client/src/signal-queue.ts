import { ClacksClientError } from './errors.ts';
import type { Signal } from './signal.ts';

/** Most signals that wait for a loop, and most bytes of their names and values. */
const maxQueuedSignals = 100_000;
const maxQueuedBytes = 64 * 1024 * 1024;

const bytesOf = (signal: Signal): number =>
  signal.name.length + (signal.type === 'set' ? signal.raw.length : 0);

interface Waiting {
  readonly resolve: (result: IteratorResult<Signal, undefined>) => void;
  readonly reject: (error: ClacksClientError) => void;
}

/** Signals between the connection that brings them and a loop that takes them. */
export class SignalQueue implements AsyncIterator<Signal, undefined> {
  readonly #name: string;
  readonly #left: (queue: SignalQueue) => void;
  #signals: Signal[] = [];
  /** How many of the signals have been taken: shift() on a long array would move all of it. */
  #taken = 0;
  #bytes = 0;
  readonly #waiting: Waiting[] = [];
  #error: ClacksClientError | undefined;
  #ended = false;

  /**
   * @param name - What is listened to, for messages.
   * @param left - Told that no more signals are wanted.
   */
  constructor(name: string, left: (queue: SignalQueue) => void) {
    this.#name = name;
    this.#left = left;
  }

  push(signal: Signal): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next.resolve({ done: false, value: signal });
      return;
    }
    this.#bytes += bytesOf(signal);
    if (this.#signals.length - this.#taken < maxQueuedSignals && this.#bytes <= maxQueuedBytes) {
      this.#signals.push(signal);
    } else {
      this.end(this.#overflow());
    }
  }

  /** No more signals will come; those that wait can be taken, then comes the error if there is one. */
  end(error?: ClacksClientError): void {
    this.#ended = true;
    this.#error = error;
    this.#left(this);
    for (const next of this.#waiting.splice(0)) {
      if (error === undefined) next.resolve({ done: true, value: undefined });
      else next.reject(error);
    }
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
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  return(): Promise<IteratorResult<Signal, undefined>> {
    this.clear();
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Forgets the signals that wait. */
  clear(): void {
    this.#signals = [];
    this.#taken = 0;
    this.#bytes = 0;
  }

  #overflow(): ClacksClientError {
    return new ClacksClientError(
      'CLACKS_ERR_QUEUE_FULL',
      `More than ${maxQueuedSignals} signals of ${this.#name}, or ${maxQueuedBytes} bytes of them, ` +
        'wait for a loop that is too slow.',
    );
  }

  #take(): Signal | undefined {
    const signal = this.#signals[this.#taken];
    if (signal === undefined) return undefined;
    this.#taken++;
    this.#bytes -= bytesOf(signal);
    if (this.#taken * 2 >= this.#signals.length) {
      this.#signals = this.#signals.slice(this.#taken);
      this.#taken = 0;
    }
    return signal;
  }
}
