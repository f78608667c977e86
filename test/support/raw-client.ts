import { once } from 'node:events';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { encodeToken, LineSplitter } from '@clacks/protocol';
import { createWebSocketStream, WebSocket } from 'ws';
import type { ClientOptions } from 'ws';
import type { TestServer } from './test-server.ts';

/** A client that sends exactly the bytes it is told to. */
export class RawClient {
  readonly socket: Duplex;
  readonly #splitter = new LineSplitter(64 * 1024 * 1024);
  readonly #received: string[] = [];
  #changed: () => void = () => undefined;
  #isClosed = false;
  #fences = 0;

  constructor(socket: Duplex) {
    this.socket = socket;
    socket.on('data', (data: Buffer) => {
      this.#splitter.push(data.toString('latin1'));
      for (let line = this.#splitter.next(); line !== undefined; line = this.#splitter.next()) {
        this.#received.push(line);
      }
      this.#changed();
    });
    socket.on('close', () => {
      this.#isClosed = true;
      this.#changed();
    });
    // A reset is one of the ways in which the server may end a hostile connection.
    socket.on('error', () => undefined);
  }

  /** Bytes that went over its socket. A WebSocket does not tell. */
  get bytes(): { readonly sent: number; readonly received: number } {
    if (!(this.socket instanceof net.Socket)) throw new TypeError('This client has no socket.');
    return { sent: this.socket.bytesWritten, received: this.socket.bytesRead };
  }

  static unix(server: TestServer): Promise<RawClient> {
    return RawClient.unixAt(server.socketPath);
  }

  static async unixAt(socketPath: string): Promise<RawClient> {
    const socket = net.connect(socketPath);
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** A client of the main user on that unix socket. */
  static async loginAt(socketPath: string): Promise<RawClient> {
    const client = await RawClient.unixAt(socketPath);
    await client.login();
    return client;
  }

  static async tls(server: TestServer): Promise<RawClient> {
    const socket = tls.connect({ host: '127.0.0.1', port: server.port, ca: server.ca });
    await once(socket, 'secureConnect');
    return new RawClient(socket);
  }

  /** A client on the first WebSocket address of a server. What it sends goes out in binary frames. */
  static async webSocket(server: TestServer, options: ClientOptions = {}): Promise<RawClient> {
    const webSocket = new WebSocket(server.webSocketUrl, { ca: server.ca, ...options });
    await once(webSocket, 'open');
    const stream = createWebSocketStream(webSocket);
    stream.on('end', () => stream.destroy());
    return new RawClient(stream);
  }

  /** A client on the unix socket that has logged in and taken its welcome. */
  static async login(
    server: TestServer,
    username = 'admin',
    password = 'adminpass',
  ): Promise<RawClient> {
    const client = await RawClient.unix(server);
    await client.login(username, password);
    return client;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  async login(username = 'admin', password = 'adminpass'): Promise<void> {
    this.send(`CLACKS ${username}`, `OVERHEAD A ${encodeToken({ username, password })}`);
    await this.waitFor((line) => line === 'OVERHEAD O Welcome!');
    this.take();
  }

  /** Sends lines. */
  send(...lines: string[]): void {
    this.sendRaw(lines.map((line) => `${line}\r\n`).join(''));
  }

  /** Sends bytes, given as a wire string. */
  sendRaw(bytes: string): void {
    this.socket.write(bytes, 'latin1');
  }

  /** Waits for a line that fits, and returns it. Fails when the connection closes before. */
  async waitFor(fits: (line: string) => boolean): Promise<string> {
    let seen = 0;
    for (;;) {
      for (; seen < this.#received.length; seen++) {
        const line = this.#received[seen] ?? '';
        if (fits(line)) return line;
      }
      if (this.#isClosed) throw new Error(`closed after: ${this.#received.join(' | ')}`);
      await this.#change();
    }
  }

  /** Waits until the server has handled everything sent, and returns all lines but the fence's. */
  async fence(): Promise<string[]> {
    this.#fences++;
    const fence = `fence ${this.#fences}`;
    this.send(`FLUSH ${fence}`);
    await this.waitFor((line) => line === `FLUSHED ${fence}`);
    return this.take().filter((line) => line !== `FLUSHED ${fence}`);
  }

  /** Waits until the server has closed the connection, and returns what came before. */
  async closed(): Promise<string[]> {
    while (!this.#hasClosed()) await this.#change();
    return this.take();
  }

  /** What was received since the last call. */
  take(): string[] {
    return this.#received.splice(0);
  }

  destroy(): void {
    this.socket.destroy();
  }

  #hasClosed(): boolean {
    return this.#isClosed;
  }

  async #change(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#changed = resolve;
    });
  }
}
