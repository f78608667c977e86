import { encodeToken, lineEnd, LineSplitter, textFromWire, wireFromText } from '@clacks/protocol';
import { ClacksClientError } from './errors.ts';
import { nextTurn } from './next-turn.ts';
import { describeEndpoint } from './options.ts';
import type { Settings } from './options.ts';
import type { Transport, TransportEvents } from './transports/transport.ts';

/** Makes a transport to the server of the settings. */
export type Dial = (
  settings: Settings,
  events: TransportEvents,
  signal: AbortSignal,
) => Promise<Transport>;

/** How a connection ended. */
export interface ConnectionEnd {
  /** In words: `QUIT` or `TIMEOUT` if the server said so. */
  readonly reason: string;
  readonly error: Error | undefined;
}

/** What the program wrote and the system has not taken. */
export interface Unsent {
  readonly lines: number;
  readonly bytes: number;
}

/** Who handles what comes in after the login. */
export interface ConnectionHandler {
  /** Whether lines are wanted now. */
  mayRead(): boolean;
  line(line: string): void;
  /** The connection is gone. Comes once. */
  closed(end: ConnectionEnd): void;
}

type Phase =
  | {
      readonly kind: 'login';
      readonly settle: (error?: Error) => void;
      greeted: boolean;
    }
  | { readonly kind: 'ready' }
  | { readonly kind: 'closed' };

/** Most bytes that wait while no lines are wanted, where the server cannot be made to wait. */
const maxHeldBytes = 64 * 1024 * 1024;

/** One connection to a server, from login to end. It never comes back: a new one is made. */
export class Connection {
  readonly #settings: Settings;
  readonly #handler: ConnectionHandler;
  readonly #splitter: LineSplitter;
  #transport: Transport | undefined;
  #phase: Phase = { kind: 'closed' };
  #farewell: string | undefined;
  #error: Error | undefined;
  /** What the server calls itself. */
  serverInfo = '';
  /** When something was last received, in ms of `performance.now()`. */
  lastReceivedAtMs = performance.now();
  #pending = '';
  /** How much of {@link #pending} the program wrote. */
  #pendingLines = 0;
  #pendingBytes = 0;
  #writtenLines = 0;
  #confirmedLines = 0;
  #unsentLines = 0;
  #unsentBytes = 0;
  #isScheduled = false;
  #isDestroyed = false;
  #isEnding = false;
  /** Whether lines wait until they are wanted. */
  #isHeld = false;
  #drainWaiters: (() => void)[] = [];

  private constructor(settings: Settings, handler: ConnectionHandler) {
    this.#settings = settings;
    this.#handler = handler;
    // A server may answer a long line with one that is a little longer.
    this.#splitter = new LineSplitter(2 * settings.maxLineLength);
  }

  /**
   * Connects and logs in (protocol 3).
   *
   * @throws ClacksClientError
   */
  static async open(
    settings: Settings,
    dial: Dial,
    handler: ConnectionHandler,
    signal: AbortSignal,
  ): Promise<Connection> {
    const connection = new Connection(settings, handler);
    await connection.#open(dial, signal);
    return connection;
  }

  /** Bytes that wait for the server to read. */
  get bufferedBytes(): number {
    return this.#pending.length + (this.#transport?.bufferedBytes ?? 0);
  }

  /** What the program wrote and the system has not taken. */
  get unsent(): Unsent {
    return { lines: this.#unsentLines, bytes: this.#unsentBytes };
  }

  /** How many lines the program wrote. */
  get writtenLines(): number {
    return this.#writtenLines;
  }

  /** How many of them the server has not been heard to have handled. */
  get unconfirmedLines(): number {
    return this.#writtenLines - this.#confirmedLines;
  }

  /** Whether it has ended. */
  get isGone(): boolean {
    return this.#phase.kind === 'closed';
  }

  /** Whether what the server sends waits until it is wanted. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Lines may be wanted again. */
  goOn(): void {
    if (!this.#isHeld || !this.#handler.mayRead()) return;
    this.#isHeld = false;
    this.lastReceivedAtMs = performance.now();
    this.#transport?.resume?.();
    // Not at once: it may be within a call of somebody who takes them.
    nextTurn(this.#readLines);
  }

  /** Sends a line. Lines of one turn go out together. */
  send(line: string): void {
    this.#pending += line + lineEnd;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    nextTurn(this.#flush);
  }

  /** Sends a line of the program's, which counts as {@link unsent} until the system takes it. */
  write(line: string): void {
    const bytes = line.length + lineEnd.length;
    this.#writtenLines++;
    this.#unsentLines++;
    this.#unsentBytes += bytes;
    this.#pendingLines++;
    this.#pendingBytes += bytes;
    this.send(line);
  }

  /** The server has handled the first so many of the program's lines. */
  confirm(lines: number): void {
    this.#confirmedLines = Math.max(this.#confirmedLines, lines);
  }

  /** Resolves when the system has taken everything sent so far, or the connection is gone. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#drainWaiters.push(resolve);
    });
  }

  /** Sends what is pending, then closes. What waits until it is wanted is not waited for. */
  end(): void {
    this.#flush();
    this.#isEnding = true;
    // What says that it is closed comes after all that.
    this.#transport?.resume?.();
    this.#transport?.end();
  }

  /** Closes at once. */
  destroy(error?: Error): void {
    this.#error ??= error;
    this.#isDestroyed = true;
    this.#transport?.destroy();
  }

  async #open(dial: Dial, signal: AbortSignal): Promise<void> {
    const timeout = AbortSignal.timeout(this.#settings.connectTimeoutMs);
    const either = AbortSignal.any([signal, timeout]);
    // Before dialling: the greeting, or the end, may come before the transport is handed over.
    const loggedIn = this.#login(either);
    loggedIn.catch(() => undefined);
    try {
      this.#transport = await dial(this.#settings, this.#events, either);
      // At once: Perl's server greets only when something has come in.
      this.send(`CLACKS ${wireFromText(this.#settings.name)}`);
      this.#flush();
      await loggedIn;
    } catch (error) {
      if (this.#phase.kind === 'login') this.#phase.settle(error as Error);
      this.destroy();
      throw this.#openError(error, signal, timeout);
    }
  }

  #login(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        settle(signal.reason as Error);
      };
      const settle = (error?: Error): void => {
        signal.removeEventListener('abort', onAbort);
        this.#phase = error === undefined ? { kind: 'ready' } : { kind: 'closed' };
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#phase = { kind: 'login', settle, greeted: false };
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
    });
  }

  #openError(error: unknown, signal: AbortSignal, timeout: AbortSignal): unknown {
    if (signal.aborted) {
      return new ClacksClientError('CLACKS_ERR_ABORTED', 'Connecting was given up.', {
        cause: signal.reason,
      });
    }
    if (!timeout.aborted) return error;
    const { connectTimeoutMs } = this.#settings;
    const where = describeEndpoint(this.#settings);
    return new ClacksClientError(
      'CLACKS_ERR_TIMEOUT',
      `${where} did not let us in within ${connectTimeoutMs} ms; is it a clacks server?`,
      { cause: error },
    );
  }

  readonly #flush = (): void => {
    this.#isScheduled = false;
    // What goes out now may be a request, whose answer is wanted.
    this.goOn();
    if (this.#pending === '' || this.#transport === undefined || this.#isDestroyed) return;
    const wire = this.#pending;
    const lines = this.#pendingLines;
    const bytes = this.#pendingBytes;
    this.#pending = '';
    this.#pendingLines = 0;
    this.#pendingBytes = 0;
    this.#transport.write(wire, () => {
      this.#unsentLines -= lines;
      this.#unsentBytes -= bytes;
    });
  };

  readonly #events: TransportEvents = {
    received: (wire) => {
      this.lastReceivedAtMs = performance.now();
      this.#splitter.push(wire);
      this.#readLines();
    },
    drained: () => {
      const waiters = this.#drainWaiters;
      this.#drainWaiters = [];
      for (const resolve of waiters) resolve();
    },
    closed: (error) => {
      this.#closed(error);
    },
  };

  readonly #readLines = (): void => {
    while (!this.#isDestroyed) {
      if (this.#phase.kind === 'ready' && !this.#handler.mayRead()) {
        this.#hold();
        return;
      }
      const line = this.#splitter.next();
      if (line === undefined) break;
      this.#receive(line);
    }
    if (this.#splitter.overflowed && !this.#isDestroyed) this.destroy(this.#lineTooLong());
  };

  #hold(): void {
    if (!this.#isHeld && !this.#isEnding) this.#transport?.pause?.();
    this.#isHeld = true;
    if (this.#splitter.length <= maxHeldBytes) return;
    const where = describeEndpoint(this.#settings);
    const message = `More than ${maxHeldBytes} bytes of ${where} wait for a loop that is too slow.`;
    this.destroy(new ClacksClientError('CLACKS_ERR_QUEUE_FULL', message));
  }

  #receive(line: string): void {
    const phase = this.#phase;
    if (phase.kind === 'login') {
      this.#receiveBeforeLogin(phase, line);
    } else if (phase.kind === 'ready') {
      this.#handler.line(line);
      if (line === 'QUIT' || line === 'TIMEOUT') {
        // Nothing more will come, even if the server forgets to close.
        this.#farewell ??= line;
        this.destroy();
      }
    }
  }

  #receiveBeforeLogin(phase: Extract<Phase, { kind: 'login' }>, line: string): void {
    if (!phase.greeted) {
      if (!line.startsWith('CLACKS ')) {
        phase.settle(this.#notClacks(`it greets with ${JSON.stringify(line.slice(0, 60))}`));
        return;
      }
      phase.greeted = true;
      this.serverInfo = textFromWire(line.slice('CLACKS '.length));
      // Only now: another kind of server shall not get to know the password.
      const { username, password } = this.#settings;
      this.send(`OVERHEAD A ${encodeToken({ username, password })}`);
    } else if (line.startsWith('OVERHEAD O')) {
      phase.settle();
    } else if (line.startsWith('OVERHEAD F')) {
      const { username } = this.#settings;
      const where = describeEndpoint(this.#settings);
      phase.settle(
        new ClacksClientError(
          'CLACKS_ERR_LOGIN_FAILED',
          `${where} refuses the login of ${username}: wrong username or password.`,
        ),
      );
    }
  }

  #lineTooLong(): ClacksClientError {
    return new ClacksClientError(
      this.#phase.kind === 'login' ? 'CLACKS_ERR_NOT_CLACKS' : 'CLACKS_ERR_CONNECTION_LOST',
      `${describeEndpoint(this.#settings)} sent a line of more than twice maxLineLength ` +
        `(${this.#settings.maxLineLength} bytes): raise it to the server's maxlinelength.`,
    );
  }

  #notClacks(why: string): ClacksClientError {
    const where = describeEndpoint(this.#settings);
    return new ClacksClientError(
      'CLACKS_ERR_NOT_CLACKS',
      `${where} is not a clacks server: ${why}.`,
    );
  }

  #closed(error: Error | undefined): void {
    const phase = this.#phase;
    this.#phase = { kind: 'closed' };
    this.#events.drained();
    const reason = this.#farewell ?? this.#error?.message ?? error?.message ?? 'connection closed';
    if (phase.kind === 'login' && error instanceof ClacksClientError) {
      phase.settle(error);
    } else if (phase.kind === 'login') {
      const where = describeEndpoint(this.#settings);
      const lost = new ClacksClientError(
        'CLACKS_ERR_CONNECTION_LOST',
        `${where} closed the connection before the login was done (${reason}).`,
        { cause: error },
      );
      phase.settle(lost);
    } else if (phase.kind === 'ready') {
      this.#handler.closed({ reason, error: this.#error ?? error });
    }
  }
}
