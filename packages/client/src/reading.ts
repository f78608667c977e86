import { ClacksClientError } from './errors.ts';
import type { ReconnectOptions } from './options.ts';
import { pause, pauses } from './reconnect.ts';
import { takeRetrieved } from './requests.ts';
import type { PendingRequest } from './requests.ts';

/** What reading needs of a client. */
export interface ReadingClient {
  /** When to try again. */
  readonly retry: Required<ReconnectOptions>;
  request(line: string, take: PendingRequest['take']): Promise<void>;
}

/** What a reading tells its owner. */
export interface ReadingEvents {
  /** Called once, within the answer: signals that follow it are later. */
  answered(raw: string | undefined): void;
  /** It could not be asked, or nothing was answered in time: it will be asked again. */
  delayed(): void;
  /** It will not be asked again. */
  failed(error: ClacksClientError): void;
}

/** Asks what is stored under a name, on one connection, again and again until it is answered. */
export class Reading {
  readonly #client: ReadingClient;
  readonly #wireName: string;
  readonly #events: ReadingEvents;
  readonly #stopping = new AbortController();
  #isAnswered = false;

  constructor(client: ReadingClient, wireName: string, events: ReadingEvents) {
    this.#client = client;
    this.#wireName = wireName;
    this.#events = events;
    void this.#askPatiently();
  }

  /** Asks no more. An answer that is on its way is taken all the same. */
  stop(): void {
    this.#stopping.abort();
  }

  async #askPatiently(): Promise<void> {
    const { signal } = this.#stopping;
    for (const pauseMs of pauses(this.#client.retry)) {
      if (await this.#ask()) return;
      await pause(pauseMs, signal);
      if (signal.aborted) return;
    }
  }

  /** Resolves with whether that was all. */
  async #ask(): Promise<boolean> {
    try {
      const take = takeRetrieved(this.#wireName, this.#answered);
      await this.#client.request(`RETRIEVE ${this.#wireName}`, take);
      return true;
    } catch (error) {
      // Anything but our own errors is a defect.
      if (!(error instanceof ClacksClientError)) throw error;
      // Without a connection: it is read when there is one.
      if (this.#stopping.signal.aborted || error.code === 'CLACKS_ERR_CONNECTION_LOST') return true;
      const mayPass = ['CLACKS_ERR_TIMEOUT', 'CLACKS_ERR_QUEUE_FULL'].includes(error.code);
      if (mayPass) this.#events.delayed();
      else this.#events.failed(error);
      return !mayPass;
    }
  }

  readonly #answered = (raw: string | undefined): void => {
    // A late answer, and then that to the same question asked again: the later one is not news.
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.stop();
    this.#events.answered(raw);
  };
}
