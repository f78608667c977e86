import type { BufferBudget } from './buffer-budget.ts';
import type { ByteStream } from './byte-stream.ts';
import type { Flusher } from './flusher.ts';

/** Bytes handed to the socket in one go. What the peer has taken shows at this grain. */
const writeBytes = 64 * 1024;

const lineFeed = 10;

/** Small pieces are gathered until they are about this long. */
const gatherBytes = 32 * 1024;

/**
 * What waits for longer leaves the heap: V8 keeps the parts that a string was put together of, for
 * signals of 14 bytes 2.8 times their length, and takes its time to collect them. A long line stays
 * as it is, since others share it.
 */
const packed = (wire: string): string | Buffer =>
  wire.length > writeBytes ? wire : Buffer.from(wire, 'latin1');

/** What the outboxes of a node share. */
interface OutboxShared {
  readonly flusher: Flusher;
  readonly budget: BufferBudget;
}

/** Whose outbox it is. */
interface OutboxOwner {
  /** The peer has taken something. */
  taken(): void;
}

/**
 * What a connection has to send. Collects it and hands it to the socket once per turn of the event
 * loop, a bounded part at a time, so that it is known how much the peer has taken.
 */
export class Outbox {
  readonly #socket: ByteStream;
  readonly #shared: OutboxShared;
  readonly #owner: OutboxOwner;
  /** What came before that which is gathered. */
  #queue: (string | Buffer)[] | undefined;
  #gathered = '';
  #queuedBytes = 0;
  #bytesInFlight = 0;
  #scheduled = false;
  #discarded = false;
  #endsWithLine = true;
  #lastWriteAtMs = 0;

  constructor(socket: ByteStream, shared: OutboxShared, owner: OutboxOwner) {
    this.#socket = socket;
    this.#shared = shared;
    this.#owner = owner;
  }

  /** Bytes that the peer has not taken yet. */
  get length(): number {
    return this.#queuedBytes + this.#bytesInFlight;
  }

  /** Since when the peer has taken nothing of what waits, in monotonic ms; 0 if nothing waits. */
  get stalledSinceMs(): number {
    return this.#bytesInFlight > 0 ? this.#lastWriteAtMs : 0;
  }

  /** Whether what the socket was handed so far are whole lines. */
  get endsWithLine(): boolean {
    return this.#endsWithLine;
  }

  /** When bytes were last handed to the socket, in monotonic ms. */
  get lastWriteAtMs(): number {
    return this.#lastWriteAtMs;
  }

  /** Queues a wire string. */
  add(wire: string): void {
    if (this.#discarded) return;
    this.#gathered += wire;
    this.#queuedBytes += wire.length;
    this.#shared.budget.add(wire.length);
    if (this.#gathered.length >= gatherBytes) {
      this.#queue ??= [];
      this.#queue.push(packed(this.#gathered));
      this.#gathered = '';
    }
    if (this.#scheduled || this.#bytesInFlight > 0) return;
    this.#scheduled = true;
    this.#shared.flusher.add(this);
  }

  /** Hands the next part to the socket, unless it still has one. */
  flush(): void {
    this.#scheduled = false;
    if (this.#bytesInFlight > 0 || this.#discarded || this.#queuedBytes === 0) return;
    const piece = this.#take();
    this.#bytesInFlight = piece.length;
    this.#queuedBytes -= piece.length;
    this.#lastWriteAtMs = performance.now();
    this.#endsWithLine = piece.at(-1) === (typeof piece === 'string' ? '\n' : lineFeed);
    this.#socket.write(piece, 'latin1', this.#written);
  }

  /**
   * Drops everything that is not sent.
   *
   * @returns How many bytes that was.
   */
  discard(): number {
    const { length } = this;
    this.#discarded = true;
    this.#queue = undefined;
    this.#gathered = '';
    this.#queuedBytes = 0;
    this.#bytesInFlight = 0;
    this.#shared.budget.add(-length);
    return length;
  }

  readonly #written = (error?: Error | null): void => {
    // What a dead peer has not taken counts as discarded when the connection is closed.
    if (this.#discarded || error || this.#socket.destroyed) return;
    const taken = this.#bytesInFlight;
    this.#bytesInFlight = 0;
    this.#shared.budget.add(-taken);
    // What was added meanwhile in this turn is written at its end.
    if (!this.#scheduled) this.flush();
    this.#owner.taken();
  };

  #take(): string | Buffer {
    const piece = this.#queue?.shift();
    if (this.#queue === undefined || piece === undefined) {
      this.#queue = undefined;
      const wire = this.#gathered;
      this.#gathered = '';
      return wire;
    }
    if (typeof piece !== 'string' || piece.length <= writeBytes) return piece;
    this.#queue.unshift(piece.slice(writeBytes));
    return piece.slice(0, writeBytes);
  }
}
