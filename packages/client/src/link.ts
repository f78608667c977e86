import { lineEnd } from '@clacks/protocol';
import { assertLineFits } from './arguments.ts';
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
  /** Whether lines are wanted now. */
  mayRead(): boolean;
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
  | { readonly kind: 'closed'; readonly byProgram: boolean };

const written = Promise.resolve();

/** Who does not wait for what is written is told by the event `dropped`. */
const ignorable = (promise: Promise<void>): Promise<void> => {
  promise.catch(() => undefined);
  return promise;
};

const doubtful = (lines: number, cause: ClacksClientError): ClacksClientError =>
  new ClacksClientError(
    'CLACKS_ERR_CONNECTION_LOST',
    `A connection was lost after the last flush: whether the ${lines} lines written before have ` +
      'arrived is not known.',
    { cause },
  );

/** Bytes that wait before a writer is asked, by its promise, to wait too. */
const highWaterBytes = 256 * 1024;

/**
 * How long a connection must have lasted for the next attempt to come nearly at once. Otherwise a
 * server that lets us in only to throw us out again would be asked many times a second.
 */
const stableMs = 5000;

/** Keeps a connection to a server, through losses and reconnections. */
export class Link {
  readonly #settings: Settings;
  readonly #dial: Dial;
  readonly #handler: LinkHandler;
  readonly #offline: OfflineQueue;
  readonly #stopping = new AbortController();
  #state: State = { kind: 'connecting' };
  #whenClosed: () => void = () => undefined;
  #room: Promise<void> | undefined;
  /** The pauses before the next attempts to connect. */
  #pauses: Generator<number, never>;
  /** Ends the pause before the next attempt to connect. */
  #pausing = new AbortController();
  #connectedAtMs = 0;
  #doubt: ClacksClientError | undefined;

  constructor(settings: Settings, dial: Dial, handler: LinkHandler) {
    this.#settings = settings;
    this.#dial = dial;
    this.#handler = handler;
    this.#offline = new OfflineQueue(settings.offlineQueueBytes);
    this.#pauses = pauses(settings.retry);
  }

  /** The connection, while there is one. */
  get connection(): Connection | undefined {
    return this.#state.kind === 'connected' ? this.#state.connection : undefined;
  }

  get isClosed(): boolean {
    return this.#state.kind === 'closed' || this.#state.kind === 'closing';
  }

  /** Whether it was closed by {@link destroy}, on the program's own wish. */
  get isDestroyed(): boolean {
    return this.#state.kind === 'closed' && this.#state.byProgram;
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
      const { connection } = this.#settings.waitForServer
        ? await this.#openPatiently(either)
        : { connection: await this.#open(either) };
      this.#pauses = pauses(this.#settings.retry);
      this.#connected(connection);
    } catch (error) {
      this.#state = { kind: 'closed', byProgram: false };
      throw error;
    }
  }

  /**
   * Sends a line, or keeps it while there is no connection.
   *
   * @param sent - Called when the line is handed to a connection.
   * @returns A promise that is settled when the line has been handed to the connection; when much
   * waits already, when the system has taken it. Ignoring it is safe: losses are reported by
   * {@link LinkHandler.dropped}.
   * @throws TypeError if the server would not take so long a line.
   */
  write(line: string, sent?: () => void): Promise<void> {
    assertLineFits(line, this.#settings.maxLineLength);
    const { connection } = this;
    if (connection === undefined) return this.#writeOffline(line, sent);
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
    sent?.();
    // One promise for all: a closure for each line would cost more than the line.
    if (connection.bufferedBytes <= this.#highWaterBytes) return written;
    this.#room ??= ignorable(this.#makeRoom(connection));
    return this.#room;
  }

  /** Sends a line that is not kept if there is a connection; if not, it tells why. */
  sendNow(line: string): ClacksClientError | undefined {
    const { connection } = this;
    if (connection === undefined) return this.noConnection();
    connection.send(line);
    return undefined;
  }

  /**
   * Takes the error that tells that a connection was lost while lines were on their way of which
   * nobody knows whether they arrived, if there is one that nobody has been told yet.
   */
  takeDoubt(): ClacksClientError | undefined {
    const doubt = this.#doubt;
    this.#doubt = undefined;
    return doubt;
  }

  /**
   * Tries to connect now, if it waits until it tries again. What has failed before does not count any
   * more: should an attempt that is on its way fail, or the next one, another follows soon.
   */
  wake(): void {
    this.#pauses = pauses(this.#settings.retry);
    this.#pausing.abort();
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
    this.#state = { kind: 'closed', byProgram: error === undefined };
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
      mayRead: () => this.#handler.mayRead(),
      line: (line: string) => {
        this.#handler.line(line);
      },
      closed: (end: ConnectionEnd) => {
        this.#ended(end);
      },
    };
    return Connection.open(this.#settings, this.#dial, handler, signal);
  }

  /** So low that a writer who waits is never refused, unless by a line of more than half of all. */
  get #highWaterBytes(): number {
    return Math.min(highWaterBytes, this.#settings.outboxBytes / 2);
  }

  async #makeRoom(connection: Connection): Promise<void> {
    await connection.drained();
    if (this.connection === connection) this.#room = undefined;
    if (!connection.isGone || connection.unsent.lines === 0) return;
    throw new ClacksClientError(
      this.isClosed ? 'CLACKS_ERR_CLOSED' : 'CLACKS_ERR_CONNECTION_LOST',
      'The connection ended before everything written had been sent.',
    );
  }

  #connected(connection: Connection): void {
    this.#state = { kind: 'connected', connection };
    this.#connectedAtMs = performance.now();
  }

  #writeOffline(line: string, sent: (() => void) | undefined): Promise<void> {
    if (this.isClosed || this.#settings.offline === 'reject') {
      return this.#drop(line, this.noConnection());
    }
    const queued = this.#offline.add(line, sent);
    if (queued !== undefined) return queued;
    const where = describeEndpoint(this.#settings);
    const message = `More than ${this.#settings.offlineQueueBytes} bytes wait for a connection to ${where}.`;
    return this.#drop(line, new ClacksClientError('CLACKS_ERR_QUEUE_FULL', message));
  }

  #drop(line: string, error: ClacksClientError): Promise<void> {
    this.#giveUp({ lines: 1, bytes: line.length + lineEnd.length }, error);
    return ignorable(Promise.reject(error));
  }

  #ended({ reason, error: cause }: ConnectionEnd): void {
    this.#whenClosed();
    // Destroyed: everything has been said already.
    if (!('connection' in this.#state)) return;
    const { unsent, unconfirmedLines } = this.#state.connection;
    this.#room = undefined;
    const isClosing = this.#state.kind === 'closing';
    const error = new ClacksClientError(
      isClosing ? 'CLACKS_ERR_CLOSED' : 'CLACKS_ERR_CONNECTION_LOST',
      `The connection to ${describeEndpoint(this.#settings)} is gone (${reason}).`,
      { cause },
    );
    const willReconnect = !isClosing && this.#settings.reconnect;
    this.#state = willReconnect
      ? { kind: 'disconnected' }
      : { kind: 'closed', byProgram: isClosing };
    if (unconfirmedLines > 0) this.#doubt = doubtful(unconfirmedLines, error);
    this.#handler.lost(error);
    this.#giveUp(unsent, error);
    if (!isClosing) this.#handler.disconnected({ reason, error, willReconnect });
    // A handler of that event may have destroyed this client.
    if (willReconnect) {
      if (!this.#stopping.signal.aborted) void this.#reconnect();
    } else this.#handler.closed(isClosing ? undefined : error);
  }

  async #reconnect(): Promise<void> {
    const { signal } = this.#stopping;
    const lostAtMs = performance.now();
    const wasStable = lostAtMs - this.#connectedAtMs >= stableMs;
    if (wasStable) this.#pauses = pauses(this.#settings.retry);
    try {
      const { connection, attempts } = await this.#openPatiently(signal);
      // A handler of a line that came with the welcome may have closed this client.
      if (signal.aborted) connection.destroy();
      else this.#resume(connection, { attempts, downMs: performance.now() - lostAtMs });
    } catch (error) {
      // Anything but our own errors is a defect.
      if (!(error instanceof ClacksClientError)) throw error;
      if (!signal.aborted) this.destroy(error);
    }
  }

  /**
   * Tries to connect until it succeeds, or cannot succeed.
   *
   * @throws ClacksClientError
   */
  async #openPatiently(signal: AbortSignal): Promise<{ connection: Connection; attempts: number }> {
    for (let attempts = 1; ; attempts++) {
      this.#pausing = new AbortController();
      await pause(this.#pauses.next().value, AbortSignal.any([signal, this.#pausing.signal]));
      try {
        return { connection: await this.#open(signal), attempts };
      } catch (error) {
        const mayPass = error instanceof ClacksClientError && !isFatal(error);
        if (!mayPass || signal.aborted) throw error;
      }
    }
  }

  #resume(connection: Connection, event: ClientEvents['reconnected']): void {
    this.#handler.restore(connection);
    this.#connected(connection);
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
