import { lineEnd } from '@clacks/protocol';
import { Connection } from './connection.ts';
import type { ConnectionEnd, Dial, Unsent } from './connection.ts';
import { ClacksClientError, isFatal } from './errors.ts';
import type { ClientEvents } from './events.ts';
import { OfflineQueue } from './offline-queue.ts';
import { describeEndpoint } from './options.ts';
import type { Settings } from './options.ts';
import { pause, pauses } from './reconnect.ts';

/** What a link tells its client. */
export interface LinkHandler {
  line(line: string): void;
  /** There is a connection, and nothing has been sent on it: says what must come first. */
  restore(connection: Connection): void;
  /** The connection is lost: nothing that was asked will be answered. */
  lost(error: ClacksClientError): void;
  disconnected(event: ClientEvents['disconnected']): void;
  reconnected(event: ClientEvents['reconnected']): void;
  dropped(event: ClientEvents['dropped']): void;
  /** There will be no connection any more. Comes once. */
  closed(error: ClacksClientError | undefined): void;
}

type State =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected'; readonly connection: Connection }
  /** Lost; trying to connect again. */
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'closing'; readonly connection: Connection }
  | { readonly kind: 'closed' };

const written = Promise.resolve();

const rejected = (error: ClacksClientError): Promise<void> => {
  const promise = Promise.reject(error);
  // Who does not wait for what is written is told by the event `dropped`.
  promise.catch(() => undefined);
  return promise;
};

/** Keeps a connection to a server, through losses and reconnections. */
export class Link {
  readonly #settings: Settings;
  readonly #dial: Dial;
  readonly #handler: LinkHandler;
  readonly #offline: OfflineQueue;
  readonly #stopping = new AbortController();
  #state: State = { kind: 'connecting' };
  #whenClosed: () => void = () => undefined;

  constructor(settings: Settings, dial: Dial, handler: LinkHandler) {
    this.#settings = settings;
    this.#dial = dial;
    this.#handler = handler;
    this.#offline = new OfflineQueue(settings.offlineQueueBytes);
  }

  /** The connection, while there is one. */
  get connection(): Connection | undefined {
    return this.#state.kind === 'connected' ? this.#state.connection : undefined;
  }

  get isClosed(): boolean {
    return this.#state.kind === 'closed' || this.#state.kind === 'closing';
  }

  /**
   * Connects for the first time.
   *
   * @throws ClacksClientError
   */
  async start(signal: AbortSignal | undefined): Promise<void> {
    const stop = this.#stopping.signal;
    const either = signal === undefined ? stop : AbortSignal.any([signal, stop]);
    try {
      const connection = await this.#open(either);
      this.#state = { kind: 'connected', connection };
    } catch (error) {
      this.#state = { kind: 'closed' };
      throw error;
    }
  }

  /**
   * Sends a line, or keeps it while there is no connection.
   *
   * @returns A promise that is settled when the line has been handed to the connection. Ignoring it
   * is safe: losses are reported by {@link LinkHandler.dropped}.
   */
  write(line: string): Promise<void> {
    const { connection } = this;
    if (connection === undefined) return this.#writeOffline(line);
    if (connection.bufferedBytes + line.length > this.#settings.outboxBytes) {
      return this.#drop(
        line,
        new ClacksClientError(
          'CLACKS_ERR_QUEUE_FULL',
          `More than ${this.#settings.outboxBytes} bytes wait for a server that does not read.`,
        ),
      );
    }
    connection.write(line);
    return written;
  }

  /** Says why there is no connection. */
  noConnection(): ClacksClientError {
    if (this.isClosed) {
      return new ClacksClientError('CLACKS_ERR_CLOSED', 'This client has been closed.');
    }
    const where = describeEndpoint(this.#settings);
    return new ClacksClientError(
      'CLACKS_ERR_CONNECTION_LOST',
      `There is no connection to ${where}.`,
    );
  }

  /** The connection does not work any more: makes a new one. */
  fail(error: ClacksClientError): void {
    this.connection?.destroy(error);
  }

  /** Says QUIT and closes when everything has been sent. */
  async close(): Promise<void> {
    const { connection } = this;
    if (connection === undefined) {
      this.destroy();
      return;
    }
    connection.send('QUIT');
    this.#state = { kind: 'closing', connection };
    const closed = new Promise<void>((resolve) => {
      this.#whenClosed = resolve;
    });
    const timer = setTimeout(() => {
      connection.destroy();
    }, this.#settings.requestTimeoutMs);
    await connection.drained();
    connection.end();
    await closed;
    clearTimeout(timer);
  }

  /** Closes at once. What waits is given up. */
  destroy(error?: ClacksClientError): void {
    if (this.#state.kind === 'closed') return;
    const connection = 'connection' in this.#state ? this.#state.connection : undefined;
    this.#state = { kind: 'closed' };
    this.#stopping.abort();
    const reason =
      error ?? new ClacksClientError('CLACKS_ERR_CLOSED', 'This client has been closed.');
    connection?.destroy();
    this.#handler.lost(reason);
    this.#giveUp(connection?.unsent, reason);
    this.#giveUp(this.#offline.size, reason);
    this.#offline.rejectAll(reason);
    this.#handler.closed(error);
  }

  #open(signal: AbortSignal): Promise<Connection> {
    const handler = {
      line: (line: string) => {
        this.#handler.line(line);
      },
      closed: (end: ConnectionEnd) => {
        this.#ended(end);
      },
    };
    return Connection.open(this.#settings, this.#dial, handler, signal);
  }

  #writeOffline(line: string): Promise<void> {
    if (this.isClosed || this.#settings.offline === 'reject') {
      return this.#drop(line, this.noConnection());
    }
    const queued = this.#offline.add(line);
    if (queued !== undefined) return queued;
    const where = describeEndpoint(this.#settings);
    const message = `More than ${this.#settings.offlineQueueBytes} bytes wait for a connection to ${where}.`;
    return this.#drop(line, new ClacksClientError('CLACKS_ERR_QUEUE_FULL', message));
  }

  #drop(line: string, error: ClacksClientError): Promise<void> {
    this.#giveUp({ lines: 1, bytes: line.length + lineEnd.length }, error);
    return rejected(error);
  }

  #ended({ reason, error: cause }: ConnectionEnd): void {
    this.#whenClosed();
    // Destroyed: everything has been said already.
    if (!('connection' in this.#state)) return;
    const { unsent } = this.#state.connection;
    const isClosing = this.#state.kind === 'closing';
    const error = new ClacksClientError(
      isClosing ? 'CLACKS_ERR_CLOSED' : 'CLACKS_ERR_CONNECTION_LOST',
      `The connection to ${describeEndpoint(this.#settings)} is gone (${reason}).`,
      { cause },
    );
    const willReconnect = !isClosing && this.#settings.reconnect !== undefined;
    this.#state = willReconnect ? { kind: 'disconnected' } : { kind: 'closed' };
    this.#handler.lost(error);
    this.#giveUp(unsent, error);
    if (!isClosing) this.#handler.disconnected({ reason, error, willReconnect });
    // A handler of that event may have destroyed this client.
    if (willReconnect) {
      if (!this.#stopping.signal.aborted) void this.#reconnect();
    } else this.#handler.closed(isClosing ? undefined : error);
  }

  async #reconnect(): Promise<void> {
    const { reconnect } = this.#settings;
    if (reconnect === undefined) return;
    const { signal } = this.#stopping;
    const isStopped = (): boolean => signal.aborted;
    const lostAtMs = performance.now();
    let attempts = 0;
    for (const pauseMs of pauses(reconnect)) {
      await pause(pauseMs, signal);
      if (isStopped()) return;
      attempts++;
      try {
        const connection = await this.#open(signal);
        // A handler of a line that came with the welcome may have closed this client.
        if (isStopped()) {
          connection.destroy();
          return;
        }
        this.#resume(connection, { attempts, downMs: performance.now() - lostAtMs });
        return;
      } catch (error) {
        // Anything but our own errors is a defect, and trying again would hide it.
        const known = error instanceof ClacksClientError ? error : undefined;
        if (known === undefined) throw error;
        if (isStopped()) return;
        if (isFatal(known)) {
          this.destroy(known);
          return;
        }
      }
    }
  }

  #resume(connection: Connection, event: ClientEvents['reconnected']): void {
    this.#handler.restore(connection);
    this.#state = { kind: 'connected', connection };
    this.#offline.sendAll((line) => {
      connection.write(line);
    });
    this.#handler.reconnected(event);
  }

  #giveUp(unsent: Unsent | undefined, error: ClacksClientError): void {
    if (unsent === undefined || unsent.lines === 0) return;
    this.#handler.dropped({ lines: unsent.lines, bytes: unsent.bytes, error });
  }
}
