import { once } from 'node:events';
import net from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import tls from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { Dialect, Exchange, Role } from '../peers/dialect.ts';
import type { Address } from '../peers/peer.ts';

/** All connections read into it, one after the other: what is received is only counted. */
const shared = Buffer.allocUnsafe(256 * 1024);

/** Until a connection is tried again that could not be made at once. */
const retryMs = 5;

/** Connections that are made at the same time, so that no TLS handshake waits for long. */
const connectAtOnce = 50;

const contexts = new Map<string, SecureContext>();

/** One for all connections, as it takes time and memory. The same cipher for all servers. */
const contextFor = (ca: string): SecureContext => {
  const known = contexts.get(ca);
  if (known !== undefined) return known;
  const context = tls.createSecureContext({
    ...{ ca, ciphers: 'TLS_AES_256_GCM_SHA384', minVersion: 'TLSv1.3' },
  });
  contexts.set(ca, context);
  return context;
};

/** What a connection needs to know. */
export interface WireOptions {
  readonly address: Address;
  readonly dialect: Dialect;
  readonly role: Role;
  readonly ca: string;
  /** The server has closed the connection, or it broke, when it was in use. */
  readonly onClose: (error: Error) => void;
}

/** A connection that costs as little as it can. It counts what it gets, and does not look at it. */
export class Wire {
  /** Bytes received since the last {@link ask} was answered. */
  received = 0;
  /** Gets the bytes, which are valid during the call only. */
  onBytes: (bytes: Buffer) => void = () => undefined;
  /** Whatever was written has been taken by the system. */
  onDrain: () => void = () => undefined;
  /** It has ended, and nobody here has closed it. */
  #onClose: (error: Error) => void = () => undefined;
  readonly #socket: Socket;
  #awaited: { answer: string; resolve: () => void; reject: (error: Error) => void } | undefined;
  /** What may come at any time, also behind an answer. */
  readonly #noise: string;
  #text = '';

  private constructor(open: (onread: net.OnReadOpts) => Socket, isOnread: boolean, noise = '') {
    this.#noise = noise;
    const callback = (length: number, buffer: Uint8Array): boolean => {
      this.#take(Buffer.from(buffer.buffer, buffer.byteOffset, length));
      return true;
    };
    this.#socket = open({ buffer: shared, callback });
    if (!isOnread)
      this.#socket.on('data', (chunk: Buffer) => {
        this.#take(chunk);
      });
    this.#socket.setNoDelay(true);
    this.#socket.on('drain', () => {
      this.onDrain();
    });
    let problem: Error | undefined;
    this.#socket.on('error', (error) => {
      problem = error;
    });
    this.#socket.on('close', () => {
      const after =
        this.#awaited === undefined ? `${this.#socket.bytesRead} bytes` : `: ${this.#text}`;
      const error = new Error(`server closed after ${after}`, { cause: problem });
      if (this.#awaited === undefined) this.#onClose(error);
      else this.#awaited.reject(error);
    });
  }

  /** Connects and logs in. */
  static async connect({ address, dialect, role, ca, onClose }: WireOptions): Promise<Wire> {
    let wire: Wire;
    if (address.transport === 'tls') {
      const host = '127.0.0.1';
      // What is set on the TLS socket does not reach the one below.
      const raw = net.connect({ port: address.port, host, noDelay: true });
      await once(raw, 'connect');
      if (dialect.greetsBeforeTls) await once(raw, 'data');
      const secured = tls.connect({ socket: raw, host, secureContext: contextFor(ca) });
      await once(secured, 'secureConnect');
      wire = new Wire(() => secured, false, dialect.noise);
    } else {
      const { transport } = address;
      const where =
        transport === 'unix' ? { path: address.path } : { port: address.port, host: '127.0.0.1' };
      const plain = (): Wire =>
        new Wire((onread) => net.connect({ ...where, onread }), true, dialect.noise);
      wire = plain();
      while (!(await wire.#hasConnected())) {
        await pause(retryMs);
        wire = plain();
      }
    }
    await wire.ask(dialect.login(role));
    wire.#onClose = onClose;
    return wire;
  }

  /** Bytes that the system has not taken yet. */
  get backlog(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Sends something and waits for its answer. Counts anew after that. */
  async ask({ send, answer }: Exchange): Promise<void> {
    this.#text = '';
    const answered = new Promise<void>((resolve, reject) => {
      this.#awaited = { answer, resolve, reject };
    });
    this.write(send);
    await answered;
  }

  close(): void {
    this.#onClose = () => undefined;
    this.#socket.destroy();
  }

  /** False: too many wait to be accepted on the unix socket. */
  async #hasConnected(): Promise<boolean> {
    try {
      await once(this.#socket, 'connect');
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
      throw error;
    }
  }

  #take(bytes: Buffer): void {
    if (this.#awaited === undefined) {
      this.received += bytes.length;
      this.onBytes(bytes);
      return;
    }
    this.#text = (this.#text + bytes.toString('latin1')).slice(-100_000);
    const { answer } = this.#awaited;
    if (!this.#text.endsWith(answer) && !this.#text.endsWith(answer + this.#noise)) return;
    this.received = 0;
    const { resolve } = this.#awaited;
    this.#awaited = undefined;
    resolve();
  }
}

/** Connects, logs in, and listens. */
export const connectListener = async (
  options: Omit<WireOptions, 'role'>,
  names: readonly string[],
): Promise<Wire> => {
  const { dialect } = options;
  const wire = await Wire.connect({ ...options, role: 'listen' });
  const listen = dialect.listen(names);
  if (dialect.listened !== undefined) {
    await wire.ask({ send: listen, answer: dialect.listened(names) });
  } else if (listen.length > 0) {
    const { send, answer } = dialect.fence('listen');
    await wire.ask({ send: Buffer.concat([listen, send]), answer });
  }
  return wire;
};

/** Makes so many of something, some at the same time. */
export const connectMany = async <T>(
  count: number,
  connect: (index: number) => Promise<T>,
): Promise<T[]> => {
  const made: T[] = [];
  while (made.length < count) {
    const first = made.length;
    const length = Math.min(connectAtOnce, count - first);
    const more = Array.from({ length }, (_, offset) => connect(first + offset));
    made.push(...(await Promise.all(more)));
  }
  return made;
};
