import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import type { ByteStream, FrameHandler } from './byte-stream.ts';

/** The code of RFC 6455 for a WebSocket that is not needed any more. */
const normalClosure = 1000;

/** A ping or pong is always short and masked: two bytes, and the mask, come before what it holds. */
const controlHeadBytes = 6;

const bufferOf = (data: RawData): Buffer => {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
};

/**
 * A WebSocket as a stream of bytes: what frames bring is put together, whether they are text or binary,
 * and wherever they are cut. What is sent goes out in binary frames, since a value may be any bytes.
 */
export class WebSocketStream
  extends EventEmitter<{ data: [Buffer]; end: []; close: []; error: [Error] }>
  implements ByteStream
{
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  /** What came in this turn. */
  #received: Buffer[] = [];
  /** Whether a frame was complete in the chunk that came last. */
  #hadFrame = false;
  /** Bytes of pings and pongs that were complete in that chunk: they may come amid a frame, and are gone. */
  #controlBytes = 0;
  #unfinishedBytes = 0;
  #isDestroyed = false;
  #frameHandler: FrameHandler | undefined;

  /** @param socket - What carries the WebSocket. */
  constructor(webSocket: WebSocket, socket: Socket) {
    super();
    this.#webSocket = webSocket;
    this.#socket = socket;
    webSocket.on('message', this.#onMessage);
    webSocket.on('ping', this.#onControl);
    webSocket.on('pong', this.#onControl);
    webSocket.on('error', this.#onError);
    webSocket.on('close', this.#onClose);
    // What `ws` holds of a frame is not seen by any event of its own.
    socket.on('data', this.#onChunk);
  }

  get destroyed(): boolean {
    return this.#isDestroyed;
  }

  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  get bytesWritten(): number {
    return this.#socket.bytesWritten;
  }

  write(
    bytes: string | Uint8Array,
    encoding: BufferEncoding = 'utf8',
    written?: (error?: Error | null) => void,
  ): void {
    const data = typeof bytes === 'string' ? Buffer.from(bytes, encoding) : bytes;
    this.#webSocket.send(data, { binary: true }, written);
  }

  end(): void {
    this.#webSocket.close(normalClosure);
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#webSocket.terminate();
  }

  pause(): void {
    this.#webSocket.pause();
  }

  resume(): void {
    this.#webSocket.resume();
  }

  setFrameHandler(handler: FrameHandler): void {
    this.#frameHandler = handler;
  }

  readonly #onMessage = (data: RawData): void => {
    this.#hadFrame = true;
    // Many short frames that come together are handled together.
    if (this.#received.push(bufferOf(data)) === 1) process.nextTick(this.#handOn);
  };

  readonly #onControl = (data: Buffer): void => {
    this.#controlBytes += controlHeadBytes + data.length;
  };

  readonly #handOn = (): void => {
    const [first, ...more] = this.#received;
    this.#received = [];
    if (first === undefined) return;
    this.emit('data', more.length === 0 ? first : Buffer.concat([first, ...more]));
  };

  readonly #onChunk = (chunk: Buffer): void => {
    const before = this.#unfinishedBytes;
    const after = Math.max(0, before + chunk.length - this.#controlBytes);
    // The beginning of the next frame does not count: it is less than a chunk.
    this.#unfinishedBytes = this.#hadFrame ? 0 : after;
    // What came of a frame that is complete is told by the data.
    if (!this.#hadFrame && after !== before) this.#frameHandler?.unfinished(after);
    this.#hadFrame = false;
    this.#controlBytes = 0;
  };

  readonly #onError = (error: Error & { readonly code?: string }): void => {
    if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') this.#frameHandler?.tooLong();
    this.emit('error', error);
  };

  readonly #onClose = (): void => {
    this.#isDestroyed = true;
    this.#handOn();
    this.emit('close');
  };
}
