import { LineSplitter, lineEnd } from '@clacks/protocol';
import type { ByteStream } from './byte-stream.ts';
import type { ConnectionHandler } from './connection-handler.ts';
import type { ConnectionShared } from './connection-shared.ts';
import { Outbox } from './outbox.ts';

/** What a connection waits for before it goes on with what its peer sent. */
type Obstacle =
  /** The handler can handle no more until {@link Connection.resume}. */
  | 'handler'
  /** Others' turn. */
  | 'turn'
  /** The peer has to take some of the answers to what it sent. */
  | 'peer'
  /** Others have to take some of what they were sent. */
  | 'budget';

/** How much one connection may be answered before others have their turn, in bytes. */
const maxAnswerBytes = 1024 * 1024;

/**
 * Longest line of another node: a value that the longest `maxlinelength` allows, with what a KEYSYNC
 * says about it. Nodes may have different settings: a line that one takes must not cut off the other.
 */
const maxLinkLineLength = 511 * 1024 * 1024;

/** How long a closing peer may take nothing of its last bytes, and to close its side, in ms. */
const lingerMs = 2000;
/** And how long it may take them in all, in ms. */
const maxLingerMs = 30_000;

/**
 * A socket as lines in and lines out, with every limit in between (protocol 1, 10.3). Closes once,
 * with one reason.
 */
export class Connection {
  readonly #socket: ByteStream;
  readonly #shared: ConnectionShared;
  readonly #lines: LineSplitter;
  readonly #outbox: Outbox;
  readonly #handler: ConnectionHandler;
  /**
   * With more bytes than these on their way to the peer, its turn is over: long answers take time,
   * however few they are.
   */
  #turnEndsAtBytes = 0;
  #obstacle: Obstacle | undefined;
  #isLink = false;
  /** Whether it has waited for others to take some, and has handled nothing since. */
  #wasHeldUp = false;
  #isCrowded = false;
  #discardedBytes = 0;
  /** Bytes of it that the node counts as not handled. */
  #inputBytes = 0;
  /** Bytes that came in and are not handed on yet, since their frame is not complete. */
  #unfinishedBytes = 0;
  #closeReason: string | undefined;
  #closedAtMs = 0;
  #error: Error | undefined;
  #lingering: NodeJS.Timeout | undefined;

  /**
   * @param handle - Makes the handler of this connection. It may send at once.
   */
  constructor(
    socket: ByteStream,
    shared: ConnectionShared,
    handle: (connection: Connection) => ConnectionHandler,
  ) {
    this.#socket = socket;
    this.#shared = shared;
    this.#lines = new LineSplitter(shared.limits.maxLineLength);
    this.#outbox = new Outbox(socket, shared, this);
    shared.budget.consumers.add(this);
    this.#handler = handle(this);
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
    socket.setFrameHandler?.({ unfinished: this.#onUnfinished, tooLong: this.#onTooLong });
  }

  /** Bytes that the peer has not taken yet. */
  get outbufferLength(): number {
    return this.#outbox.length;
  }

  /** Bytes received that have not been handled. */
  get inbufferLength(): number {
    return this.#lines.length + this.#unfinishedBytes;
  }

  /** How many lines {@link withAlike} took, when it last took any, besides the one that it was given. */
  get alike(): number {
    return this.#lines.alike;
  }

  /** Lines that were handled. */
  get linesReceived(): number {
    return this.#lines.taken;
  }

  /** Bytes that came in on the socket, and that it was handed to send: below TLS, if there is any. */
  get bytesReceived(): number {
    return this.#socket.bytesRead;
  }

  get bytesSent(): number {
    return this.#socket.bytesWritten;
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
    this.#checkOutbox();
  }

  /**
   * Another node is at the other end, or no longer. What waits for it are not answers that it asked
   * for: it is read whatever waits, since two nodes that wait for each other would wait for ever. Who
   * adds to what waits is held up instead.
   */
  setLink(isLink: boolean): void {
    this.#isLink = isLink;
    this.#setMaxLineLength();
    const { consumers } = this.#shared.budget;
    if (isLink) {
      consumers.delete(this);
    } else {
      consumers.add(this);
      this.#setCrowded(false);
    }
  }

  /** Other limits hold than before, for what is there already as well. */
  limitsChanged(): void {
    if (this.#closeReason !== undefined) return;
    this.#setMaxLineLength();
    this.#checkOutbox();
    this.#goOnWithPeer();
  }

  /** Sends what is queued if the peer takes it soon, then closes. Only the first call counts. */
  close(reason: string): void {
    if (this.#closeReason !== undefined) return;
    this.#closeReason = reason;
    this.#closedAtMs = performance.now();
    this.#lingering = setTimeout(() => this.#socket.destroy(), lingerMs);
    // Unread input would turn the close into a reset, and the peer would miss the last lines.
    this.#socket.resume();
    if (this.#outbox.length === 0) this.#socket.end();
  }

  /**
   * The next line that can be handled now. Lines that cannot be are kept until they can: when the
   * connection has had its turn, and while its peer does not take the answers. After the end there
   * are none.
   */
  next(): string | undefined {
    return this.mayGoOn() ? this.#lines.next() : undefined;
  }

  /** Whether the next line can be handled now: see {@link next}. */
  mayGoOn(): boolean {
    return this.#closeReason === undefined && !this.#mustLetOthers();
  }

  /** The lines as they came in, if the next one is there so. */
  asBytes(): LineSplitter | undefined {
    return this.#lines.hasBytes ? this.#lines : undefined;
  }

  /** The lines like the one that came last that follow it, with that one. */
  withAlike(line: string, headLength: number): string {
    return this.#lines.withAlike(line, headLength);
  }

  /** Goes on with lines that were left when the handler could handle no more: not from within. */
  resume(): void {
    if (this.#obstacle === 'handler') this.#waitForTurn();
  }

  /** It is this connection's turn. */
  takeTurn(): void {
    // Who was let go before it may have filled it again.
    if (this.#wasHeldUp && this.#obstacle === 'turn' && this.#isHeldUp) this.#holdUp();
    else this.#goOn('turn');
  }

  /** Reads again after the node held too many unsent bytes. */
  resumeReading(): void {
    // Not at once: it may be within a call of somebody else's.
    if (this.#obstacle === 'budget') this.#waitForTurn();
  }

  /** Its peer takes nothing while the node holds too much: what waits for it is dropped. */
  closeSlowConsumer(): void {
    // Who is closing already has no time left.
    if (this.#closeReason !== undefined) this.#socket.destroy();
    else this.#closeFor(`maxbuffered ${this.#shared.limits.maxBuffered}`, 'slow_consumer');
  }

  /** It has sent most of what the node cannot handle. */
  closeForInput(): void {
    if (this.#closeReason !== undefined) return;
    const { maxBuffered } = this.#shared.limits;
    this.send(`OVERHEAD E limit_exceeded maxbuffered ${maxBuffered} bytes of input${lineEnd}`);
    this.close('input_limit');
  }

  /** The peer has taken something of what waited for it. */
  taken(): void {
    if (this.#closeReason === undefined) {
      if (this.#isCrowded) this.#checkCrowd();
      this.#goOnWithPeer();
      return;
    }
    if (this.#outbox.length === 0) this.#socket.end();
    // Who still takes its last bytes gets more time for the rest.
    else if (performance.now() - this.#closedAtMs < maxLingerMs) this.#lingering?.refresh();
  }

  /** With more bytes than these on their way to the peer, its lines are left alone. */
  get #maxUnansweredBytes(): number {
    if (this.#isLink) return Infinity;
    const { limits, budget } = this.#shared;
    // Nobody fills the node with answers that it does not take, or little by little.
    const room = Math.max(maxAnswerBytes, (limits.maxBuffered - budget.bytes) / 8);
    return Math.min(limits.maxOutbuffer / 2, room);
  }

  /** Bytes that wait for other connections. */
  get #othersBytes(): number {
    return this.#shared.budget.bytes - this.#outbox.length;
  }

  #countInput(): void {
    const length = this.inbufferLength;
    const difference = length - this.#inputBytes;
    if (difference === 0) return;
    this.#inputBytes = length;
    this.#shared.budget.addInput(difference);
  }

  #setMaxLineLength(): void {
    const { maxLineLength } = this.#shared.limits;
    this.#lines.setMaxLineLength(this.#isLink ? maxLinkLineLength : maxLineLength);
  }

  #checkOutbox(): void {
    if (this.#isLink) this.#checkCrowd();
    else if (this.#outbox.length > this.#shared.limits.maxOutbuffer) this.#closeFull();
  }

  #goOnWithPeer(): void {
    if (this.#outbox.length <= this.#maxUnansweredBytes / 2) this.#goOn('peer');
  }

  #mustLetOthers(): boolean {
    return this.#shared.turns.current.spend() || this.#outbox.length > this.#turnEndsAtBytes;
  }

  #handle(): void {
    const othersBytes = this.#othersBytes;
    this.#shared.turns.begin();
    const turnEndsAtBytes = this.#outbox.length + maxAnswerBytes;
    this.#turnEndsAtBytes = Math.min(turnEndsAtBytes, this.#maxUnansweredBytes);
    const takesMore = this.#handler.receive();
    this.#countInput();
    if (this.#closeReason !== undefined) return;
    if (this.#lines.overflowed) this.#handler.lineTooLong();
    else this.#obstruct(this.#obstacleAfter(takesMore, othersBytes));
  }

  #obstacleAfter(takesMore: boolean, othersBytes: number): Obstacle | undefined {
    if (!takesMore) return 'handler';
    if (this.#outbox.length > this.#maxUnansweredBytes) return 'peer';
    // Only who adds to what waits is held up: others may still read, ping, and manage.
    if (this.#isHeldUp && this.#othersBytes > othersBytes) return 'budget';
    return this.#shared.turns.current.isOver || this.#outbox.length > this.#turnEndsAtBytes
      ? 'turn'
      : undefined;
  }

  #obstruct(obstacle: Obstacle | undefined): void {
    if (obstacle === undefined) return;
    if (obstacle === 'budget') {
      this.#holdUp();
      return;
    }
    this.#obstacle = obstacle;
    this.#socket.pause();
    if (obstacle === 'turn') this.#shared.turns.waitAgain(this);
  }

  /** Whether it is not read if it adds to what waits for others. */
  get #isHeldUp(): boolean {
    return !this.#isLink && this.#shared.budget.isExceeded;
  }

  #holdUp(): void {
    this.#obstacle = 'budget';
    this.#wasHeldUp = true;
    this.#socket.pause();
    this.#shared.budget.wait(this);
  }

  #waitForTurn(): void {
    this.#obstacle = 'turn';
    this.#socket.pause();
    this.#shared.turns.wait(this);
  }

  #goOn(obstacle: Obstacle): void {
    if (this.#obstacle !== obstacle) return;
    this.#obstacle = undefined;
    this.#wasHeldUp = false;
    // First, since handling may stop it again.
    this.#socket.resume();
    if (this.#closeReason === undefined) this.#handle();
  }

  #checkCrowd(): void {
    const { maxOutbuffer, maxBuffered } = this.#shared.limits;
    const { length } = this.#outbox;
    const isCrowded = length > (this.#isCrowded ? maxOutbuffer / 4 : maxOutbuffer / 2);
    this.#setCrowded(isCrowded);
    if (length > maxBuffered) this.#closeFull();
  }

  #setCrowded(isCrowded: boolean): void {
    if (isCrowded === this.#isCrowded) return;
    this.#isCrowded = isCrowded;
    this.#shared.budget.addCrowded(isCrowded ? 1 : -1);
  }

  #closeFull(): void {
    const { maxOutbuffer, maxBuffered } = this.#shared.limits;
    const limit = this.#isLink ? `maxbuffered ${maxBuffered}` : `maxoutbuffer ${maxOutbuffer}`;
    this.#closeFor(limit, 'output_limit');
  }

  #closeFor(limit: string, reason: 'output_limit' | 'slow_consumer'): void {
    const canSay = this.#outbox.endsWithLine;
    // What waits would only be in the way.
    this.#discardedBytes += this.#outbox.discard();
    // The rest of a line that the socket has begun is gone: a line end would make the peer take
    // what it has got of it for the whole.
    if (canSay) {
      this.#socket.write(`OVERHEAD E limit_exceeded ${limit} bytes${lineEnd}`);
    }
    this.close(reason);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#closeReason !== undefined) return;
    this.#unfinishedBytes = 0;
    this.#lines.push(chunk.toString('latin1'), chunk);
    if (this.#obstacle === undefined && this.#shared.turns.mayBegin(chunk.length)) {
      this.#handle();
      return;
    }
    this.#countInput();
    if (this.#obstacle === undefined) this.#waitForTurn();
  };

  readonly #onUnfinished = (bytes: number): void => {
    if (this.#closeReason !== undefined) return;
    this.#unfinishedBytes = bytes;
    // Who sends too much before its login is told so.
    if (this.#obstacle === undefined) this.#handle();
    else this.#countInput();
  };

  readonly #onTooLong = (): void => {
    if (this.#closeReason === undefined) this.#handler.lineTooLong();
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
    this.#shared.budget.addInput(-this.#inputBytes);
    this.#inputBytes = 0;
    this.#shared.budget.consumers.delete(this);
    this.#setCrowded(false);
    this.#closeReason ??= 'peer_closed';
    this.#discardedBytes += this.#outbox.discard();
    this.#handler.closed({
      reason: this.#closeReason,
      discardedBytes: this.#discardedBytes,
      ...(this.#error && { error: this.#error }),
    });
  };
}
