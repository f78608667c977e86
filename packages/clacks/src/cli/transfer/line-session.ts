import { once } from 'node:events';
import type { Socket } from 'node:net';
import {
  LineSplitter,
  encodeToken,
  hasFlag,
  lineEnd,
  overheadFlag,
  parseCommand,
} from '@clacks/protocol';
import { dial } from '../../net/dialer.ts';
import type { DialTarget } from '../../net/dialer.ts';
import { formatAddress } from '../connection-url.ts';
import type { ConnectionSettings } from '../connection-settings.ts';
import { CommandError } from '../exit-code.ts';
import { explainDialError } from '../server-errors.ts';
import { tlsOptions } from '../with-client.ts';

/** Longer lines are sent by no server: see maxlinelength. */
const maxLineLength = 256 * 1024 * 1024;
/** How often it says that it is alive, unless the server wants to hear it more often, in ms. */
const pingIntervalMs = 5000;
const defaultConnectTimeoutMs = 15_000;
const defaultTimeoutMs = 30_000;
/** How long it may take to take leave, in ms. */
const leaveTimeoutMs = 2000;

const targetOf = async (settings: ConnectionSettings): Promise<DialTarget> => {
  const { address } = settings;
  if (address.kind === 'unix') return { transport: 'unix', path: address.path };
  const { ca, fingerprint, insecure = false, cert, key } = await tlsOptions(settings);
  return {
    transport: 'tls',
    host: address.host,
    port: address.port,
    ca,
    fingerprint,
    isVerified: !insecure,
    cert,
    key,
  };
};

/**
 * A connection that has logged in, as lines of bytes (wire strings): what the client library would
 * decode, refuse or hide comes and goes here as it is.
 */
export class LineSession implements Disposable {
  readonly settings: ConnectionSettings;
  /** How long it waits for a sign of life, in ms. */
  readonly timeoutMs: number;
  /** What the server calls itself. */
  identification = '';
  readonly #socket: Socket;
  readonly #splitter = new LineSplitter(maxLineLength);
  #lines: string[] = [];
  #failure: Error | undefined;
  #changed: () => void = () => undefined;
  #drained: () => void = () => undefined;
  /** When the server last gave a sign of life, in monotonic ms. */
  #aliveAtMs = performance.now();
  /** Whether it is waited for. */
  #isWaiting = false;
  #isLeaving = false;
  #pings: NodeJS.Timeout;

  private constructor(socket: Socket, settings: ConnectionSettings, timeoutMs: number) {
    this.settings = settings;
    this.#socket = socket;
    this.timeoutMs = timeoutMs;
    this.#pings = setInterval(this.#ping, pingIntervalMs);
    socket.on('data', (chunk: Buffer) => {
      this.#received(chunk);
    });
    socket.on('drain', () => {
      this.#aliveAtMs = performance.now();
      this.#drained();
    });
    socket.on('error', (error) => {
      this.#fail(new CommandError(`The connection to ${this.where} is lost: ${error.message}.`));
    });
    socket.on('close', () => {
      this.#fail(new CommandError(`The server at ${this.where} has closed the connection.`));
    });
  }

  /**
   * Connects and logs in.
   *
   * @param name - What the connection is called in the server's list of clients.
   * @param timeoutMs - How long to wait for the connection, and for each answer.
   * @throws UsageError, CommandError
   */
  static async open(
    settings: ConnectionSettings,
    name: string,
    timeoutMs: number | undefined,
  ): Promise<LineSession> {
    const target = await targetOf(settings);
    let socket: Socket;
    try {
      const connectTimeoutMs = timeoutMs ?? defaultConnectTimeoutMs;
      socket = await dial(target, AbortSignal.timeout(connectTimeoutMs));
    } catch (error) {
      throw explainDialError(error as Error, settings);
    }
    const session = new LineSession(socket, settings, timeoutMs ?? defaultTimeoutMs);
    try {
      await session.#login(name);
      return session;
    } catch (error) {
      session[Symbol.dispose]();
      throw error;
    }
  }

  /** Where the server is, for messages. */
  get where(): string {
    return formatAddress(this.settings.address);
  }

  /** Says that it is alive that often, if that is more often. */
  pingEvery(intervalMs: number): void {
    if (!(intervalMs > 0) || intervalMs >= pingIntervalMs) return;
    clearInterval(this.#pings);
    this.#pings = setInterval(this.#ping, intervalMs);
  }

  /**
   * Waits for the next lines.
   *
   * @throws CommandError if there will be none.
   */
  async nextLines(): Promise<readonly string[]> {
    this.#isWaiting = true;
    while (this.#lines.length === 0) {
      if (this.#failure !== undefined) throw this.#failure;
      this.#socket.resume();
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
    this.#isWaiting = false;
    return this.#lines.splice(0);
  }

  /** Puts back lines that were not for who took them. */
  putBack(lines: readonly string[]): void {
    this.#lines.unshift(...lines);
  }

  /**
   * Sends lines, with their line ends. Resolves when there is room for more.
   *
   * @throws CommandError if the connection is lost.
   */
  async send(lines: string): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#socket.write(lines, 'latin1')) return;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    this.#throwIfFailed();
  }

  /** Takes leave, and waits until the server has closed the connection. */
  async quit(): Promise<void> {
    this.#isLeaving = true;
    this.#socket.end(`QUIT${lineEnd}`, 'latin1');
    this.#socket.resume();
    if (this.#socket.closed) return;
    try {
      await once(this.#socket, 'close', { signal: AbortSignal.timeout(leaveTimeoutMs) });
    } catch {
      // All that matters was answered before.
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#pings);
    this.#socket.destroy();
  }

  async #login(name: string): Promise<void> {
    const { username, password } = this.settings;
    const token = encodeToken({ username, password });
    await this.send(`CLACKS ${name}${lineEnd}OVERHEAD A ${token}${lineEnd}`);
    for (;;) {
      const lines = await this.nextLines();
      for (const [index, line] of lines.entries()) {
        if (!this.#takeLogin(line)) continue;
        this.putBack(lines.slice(index + 1));
        return;
      }
    }
  }

  /** Whether it has logged in by that line. */
  #takeLogin(line: string): boolean {
    const command = parseCommand(line);
    if (this.identification === '') {
      if (command.verb === 'CLACKS') {
        this.identification = command.text;
        return false;
      }
      throw new CommandError(`${this.where} does not greet as a clacks server.`);
    }
    if (command.verb !== 'OVERHEAD' || hasFlag(command.flags, overheadFlag.forward)) return false;
    if (hasFlag(command.flags, overheadFlag.failed)) {
      const { username } = this.settings;
      const why = 'wrong username or password';
      throw new CommandError(`${this.where} refuses the login of ${username}: ${why}.`);
    }
    if (hasFlag(command.flags, overheadFlag.error)) {
      throw new CommandError(`The server at ${this.where} reports: ${command.text}`);
    }
    return hasFlag(command.flags, overheadFlag.succeeded);
  }

  #received(chunk: Buffer): void {
    if (this.#isLeaving) return;
    this.#aliveAtMs = performance.now();
    this.#splitter.push(chunk.toString('latin1'));
    for (let line = this.#splitter.next(); line !== undefined; line = this.#splitter.next()) {
      this.#lines.push(line);
    }
    // What is not taken is not read: it waits in the server.
    if (this.#lines.length > 0) this.#socket.pause();
    this.#changed();
  }

  readonly #ping = (): void => {
    const silentMs = performance.now() - this.#aliveAtMs;
    if (this.#isWaiting && silentMs > this.timeoutMs) {
      const seconds = this.timeoutMs / 1000;
      this.#fail(new CommandError(`The server at ${this.where} is silent for ${seconds} s.`));
      this.#socket.destroy();
    } else if (this.#socket.writable) {
      this.#socket.write(`PING${lineEnd}`);
    }
  };

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#changed();
    this.#drained();
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}
