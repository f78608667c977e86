import { once } from 'node:events';
import net from 'node:net';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import type { SecureContext } from 'node:tls';

/** Where to connect to. */
export type Target =
  | { readonly transport: 'unix'; readonly path: string }
  | { readonly transport: 'tls'; readonly port: number; readonly context: SecureContext };

const token = Buffer.from('bench').toString('base64');

const open = async (target: Target): Promise<Socket> => {
  if (target.transport === 'unix') {
    const socket = net.connect(target.path);
    await once(socket, 'connect');
    return socket;
  }
  const { port, context: secureContext } = target;
  const socket = tls.connect({ host: '127.0.0.1', port, secureContext });
  await once(socket, 'secureConnect');
  return socket;
};

/** A client that costs as little as it can: many of them share a processor with what they load. */
export class Wire {
  readonly #socket: Socket;
  readonly #onLine: (line: string) => void;
  readonly #fences: { resolve: () => void; reject: (error: Error) => void }[] = [];
  #rest = '';
  #isLeaving = false;
  #error: Error | undefined;

  private constructor(socket: Socket, onLine: (line: string) => void) {
    this.#socket = socket;
    this.#onLine = onLine;
    socket.on('data', this.#onData);
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.on('close', this.#onClose);
  }

  /**
   * Connects and logs in.
   *
   * @param onLine - Gets every line but the answers to FLUSH; also `closed` if it comes to its end
   * without having been asked to.
   */
  static async connect(target: Target, onLine: (line: string) => void): Promise<Wire> {
    const wire = new Wire(await open(target), onLine);
    wire.write(`CLACKS soak\r\nOVERHEAD A ${token}:${token}\r\nNOPING\r\n`);
    return wire;
  }

  /** Bytes that the server has not taken yet. */
  get backlog(): number {
    return this.#socket.writableLength;
  }

  /** Sends lines. */
  write(lines: string): void {
    this.#socket.write(lines, 'latin1');
  }

  /** Waits until the server has handled everything sent so far, and kept it. */
  fence(): Promise<void> {
    if (this.#socket.destroyed) return Promise.reject(new Error('closed'));
    this.write('FLUSH fence\r\n');
    return new Promise((resolve, reject) => {
      this.#fences.push({ resolve, reject });
    });
  }

  /** Takes leave. */
  quit(): void {
    this.#isLeaving = true;
    this.write('QUIT\r\n');
  }

  /** Is gone without a word. */
  destroy(): void {
    this.#isLeaving = true;
    this.#socket.destroy();
  }

  readonly #onData = (chunk: Buffer): void => {
    const text = this.#rest + chunk.toString('latin1');
    let start = 0;
    for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n', start)) {
      const line = text.slice(start, end);
      start = end + 2;
      if (line === 'FLUSHED fence') this.#fences.shift()?.resolve();
      else this.#onLine(line);
    }
    this.#rest = text.slice(start);
  };

  readonly #onClose = (): void => {
    const error = this.#error ?? new Error('closed');
    for (const { reject } of this.#fences.splice(0)) reject(error);
    if (!this.#isLeaving) this.#onLine(`closed: ${error.message}`);
  };
}
