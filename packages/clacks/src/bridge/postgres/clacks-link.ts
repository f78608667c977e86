import type { Client } from '@clacks/client';
import { PostgresBridgeError } from './bridge-error.ts';
import type { Waiters } from './waiters.ts';

/** What a server says to a line that is too long for it, before it closes the connection. */
const lineLimit = /^limit_exceeded maxlinelength (\d+)/u;

/** The bridge's view of its Clacks client: whether there is a connection, now and later. */
export class ClacksLink {
  readonly client: Client;
  /** Settles when there will be no connection any more. */
  readonly closed: Promise<PostgresBridgeError>;
  #resolveClosed: (error: PostgresBridgeError) => void = () => undefined;
  #isClosed = false;
  /** How often the connection was lost so far. */
  losses = 0;
  /** Longest line that the server takes, in bytes, as far as it has told. */
  maxLineLength = Infinity;
  /** What it has told on this connection. */
  #toldLimit = Infinity;
  readonly #waiters: Waiters;
  readonly #stops: (() => void)[];

  /**
   * @param events - `lost` is called when the connection is lost, `refused` with what the server has
   * against something.
   */
  constructor(
    client: Client,
    waiters: Waiters,
    { lost, refused }: { lost: () => void; refused: (answer: string) => void },
  ) {
    this.client = client;
    this.#waiters = waiters;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    const wake = (): void => {
      waiters.wake();
    };
    this.#stops = [
      client.on('disconnected', () => {
        this.losses++;
        // Lost for another reason: it may have been started with another limit.
        this.maxLineLength = this.#toldLimit;
        this.#toldLimit = Infinity;
        lost();
      }),
      client.on('serverError', (answer) => {
        const bytes = lineLimit.exec(answer)?.[1];
        if (bytes !== undefined) this.#toldLimit = Number(bytes);
        refused(answer);
      }),
      client.on('reconnected', wake),
      client.on('closed', ({ error }) => {
        this.#close(error);
        wake();
      }),
    ];
  }

  /**
   * Checks that the client was not closed before.
   *
   * @throws PostgresBridgeError if it was.
   */
  async check(): Promise<void> {
    if (this.client.connected) return;
    try {
      await this.client.flush();
    } catch (error) {
      if ((error as { code?: string }).code === 'CLACKS_ERR_CLOSED') {
        this.#close(error as Error);
        throw await this.closed;
      }
    }
  }

  /**
   * Resolves when there is a connection, or at the end.
   *
   * @returns Whether there is one.
   * @throws PostgresBridgeError if there will be none.
   */
  async connected(): Promise<boolean> {
    while (!this.client.connected) {
      if (this.#isClosed) throw await this.closed;
      if (this.#waiters.isOver) return false;
      await this.#waiters.wait();
    }
    return true;
  }

  /** Has nothing to do with the client any more. */
  release(): void {
    for (const stop of this.#stops) stop();
  }

  #close(cause: Error | undefined): void {
    this.#isClosed = true;
    const why = cause === undefined ? 'it was closed' : cause.message;
    this.#resolveClosed(
      new PostgresBridgeError(`The bridge has lost its Clacks client: ${why}`, { cause }),
    );
  }
}
