import type { Socket } from 'node:net';
import { LineSplitter, lineEnd } from '@clacks/protocol';
import type { BufferBudget } from './buffer-budget.ts';
import type { Flusher } from './flusher.ts';
import { Outbox } from './outbox.ts';

/** Who handles what comes in on a connection. */
export interface ConnectionHandler {
  /**
   * Bytes arrived: takes the lines of {@link Connection.lines} that can be handled now.
   *
   * @returns Whether more can be handled; if not, nothing is read until {@link Connection.resume}.
   */
  receive(): boolean;
  /** A line was longer than allowed. */
  lineTooLong(): void;
  /** The connection is gone. Comes once, never from within a call of the connection. */
  closed(end: ConnectionEnd): void;
}

/** How a connection ended. */
export interface ConnectionEnd {
  /** Why, in the words of its first {@link Connection.close}. */
  readonly reason: string;
  /** Bytes that were never sent. */
  readonly discardedBytes: number;
  /** The socket's error, if that is why. */
  readonly error?: Error;
}

/** What the connections of a node share. */
export interface ConnectionShared {
  readonly flusher: Flusher;
  readonly budget: BufferBudget;
  /** Longest accepted line in bytes. */
  readonly maxLineLength: number;
  /** Most unsent bytes of one connection. */
  readonly maxOutbuffer: number;
}

/** How long a closing peer may take nothing of its last bytes, and to close its side, in ms. */
const lingerMs = 2000;

/**
 * A socket as lines in and lines out, with every limit in between (protocol 1, 10.3). Closes once,
 * with one reason.
 */
export class Connection {
  readonly lines: LineSplitter;
  readonly #socket: Socket;
  readonly #shared: ConnectionShared;
  readonly #outbox: Outbox;
  readonly #handler: ConnectionHandler;
  #held = false;
  #discardedBytes = 0;
  #closeReason: string | undefined;
  #error: Error | undefined;
  #lingering: NodeJS.Timeout | undefined;

  /**
   * @param handle - Makes the handler of this connection. It may send at once.
   */
  constructor(
    socket: Socket,
    shared: ConnectionShared,
    handle: (connection: Connection) => ConnectionHandler,
  ) {
    this.#socket = socket;
    this.#shared = shared;
    this.lines = new LineSplitter(shared.maxLineLength);
    this.#outbox = new Outbox(socket, shared.flusher, shared.budget, this.#onTaken);
    this.#handler = handle(this);
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
  }

  /** Bytes that the peer has not taken yet. */
  get outbufferLength(): number {
    return this.#outbox.length;
  }

  /** Bytes received that have not been handled. */
  get inbufferLength(): number {
    return this.lines.length;
  }

  /** Since when the peer has taken nothing of what waits, in monotonic ms; 0 if nothing waits. */
  get stalledSinceMs(): number {
    return this.#outbox.stalledSinceMs;
  }

  /** When bytes were last sent, in monotonic ms. */
  get lastSentAtMs(): number {
    return this.#outbox.lastWriteAtMs;
  }

  /** Queues a wire string of whole lines. A peer that does not take its bytes is closed. */
  send(wire: string): void {
    if (this.#closeReason !== undefined) return;
    this.#outbox.add(wire);
    if (this.#outbox.length > this.#shared.maxOutbuffer) this.#closeSlowConsumer();
  }

  /** Sends what is queued if the peer takes it soon, then closes. Only the first call counts. */
  close(reason: string): void {
    if (this.#closeReason !== undefined) return;
    this.#closeReason = reason;
    this.#lingering = setTimeout(this.#destroy, lingerMs);
    // Unread input would turn the close into a reset, and the peer would miss the last lines.
    this.#socket.resume();
    if (this.#outbox.length === 0) this.#socket.end();
  }

  /** Goes on with lines that were left when the handler could handle no more. */
  resume(): void {
    this.#held = false;
    // First, since handling may stop it again.
    this.#socket.resume();
    if (this.#closeReason === undefined) this.#handle();
  }

  /** Reads again after the node held too many unsent bytes. */
  resumeReading(): void {
    if (!this.#held) this.#socket.resume();
  }

  /** Bytes that wait for other connections. */
  get #othersBytes(): number {
    return this.#shared.budget.bytes - this.#outbox.length;
  }

  #handle(): void {
    const othersBytes = this.#othersBytes;
    if (!this.#handler.receive()) {
      if (this.#closeReason !== undefined) return;
      this.#held = true;
      this.#socket.pause();
      return;
    }
    if (this.lines.overflowed) this.#handler.lineTooLong();
    // Only who adds to what waits is held up: others may still read, ping, and manage.
    if (!this.#shared.budget.isExceeded || this.#othersBytes <= othersBytes) return;
    if (this.#closeReason !== undefined) return;
    this.#socket.pause();
    this.#shared.budget.wait(this);
  }

  #closeSlowConsumer(): void {
    const limit = this.#shared.maxOutbuffer;
    // What waits would only be in the way; the socket may still hold a part of a line.
    this.#discardedBytes += this.#outbox.discard();
    this.#socket.write(`${lineEnd}OVERHEAD E limit_exceeded maxoutbuffer ${limit} bytes${lineEnd}`);
    this.close('output_limit');
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#closeReason !== undefined) return;
    this.lines.push(chunk.toString('latin1'));
    if (!this.#held) this.#handle();
  };

  readonly #onTaken = (): void => {
    if (this.#closeReason === undefined) return;
    if (this.#outbox.length === 0) this.#socket.end();
    // Who still takes its last bytes gets more time for the rest.
    else this.#lingering?.refresh();
  };

  readonly #onEnd = (): void => {
    this.close('peer_closed');
  };

  readonly #onError = (error: Error): void => {
    this.#error = error;
    this.#closeReason ??= 'socket_error';
  };

  readonly #onClose = (): void => {
    clearTimeout(this.#lingering);
    this.#shared.budget.forget(this);
    this.#closeReason ??= 'peer_closed';
    this.#discardedBytes += this.#outbox.discard();
    this.#handler.closed({
      reason: this.#closeReason,
      discardedBytes: this.#discardedBytes,
      ...(this.#error && { error: this.#error }),
    });
  };

  readonly #destroy = (): void => {
    this.#socket.destroy();
  };
}
