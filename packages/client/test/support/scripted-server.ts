import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { encodeToken, LineSplitter } from '@clacks/protocol';
import { makeCertificate } from '../../../../test/support/certificate.ts';
import type { TestCertificate } from '../../../../test/support/certificate.ts';

/** What a scripted server does with a line that it receives after the login. */
export type Script = (line: string, peer: Peer) => void;

/** How a scripted server behaves. */
export interface ScriptedServerOptions {
  /** Sent at once, as it is. Default: the greeting of protocol 3. */
  readonly greeting?: string;
  /** Greets only when the first line has come in, as Perl's server does. */
  readonly greetsLate?: boolean;
  /** What follows the token. Default: `OVERHEAD O Welcome!`, or F if the token is wrong. */
  readonly welcome?: string;
  readonly script?: Script;
}

let certificate: Promise<TestCertificate> | undefined;

/** One connection to a scripted server. */
export class Peer {
  readonly socket: net.Socket;
  readonly received: string[] = [];
  #changed: () => void = () => undefined;

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#changed();
    });
  }

  /** Sends lines. */
  send(...lines: string[]): void {
    this.sendRaw(lines.map((line) => `${line}\r\n`).join(''));
  }

  /** Sends bytes, given as a wire string. */
  sendRaw(bytes: string): void {
    this.socket.write(bytes, 'latin1');
  }

  take(line: string): void {
    this.received.push(line);
    this.#changed();
  }

  /** Waits until the client has sent a line, and returns everything that it sent up to it. */
  async waitFor(line: string, times = 1): Promise<string[]> {
    while (this.received.filter((each) => each === line).length < times) {
      if (this.socket.destroyed) throw new Error(`closed after: ${this.received.join(' | ')}`);
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
    return [...this.received];
  }

  async closed(): Promise<void> {
    if (!this.socket.destroyed) await once(this.socket, 'close');
  }
}

/** Answers a FLUSH, as any server does. */
export const answerFlush = (line: string, peer: Peer): void => {
  if (line.startsWith('FLUSH ')) peer.send(`FLUSHED ${line.slice('FLUSH '.length)}`);
};

/** A server, on TLS and on a unix socket, that behaves as badly as its script. */
export class ScriptedServer implements AsyncDisposable {
  readonly directory: string;
  readonly certificate: TestCertificate;
  password = 'adminpass';
  script: Script;
  readonly peers: Peer[] = [];
  readonly #options: ScriptedServerOptions;
  readonly #servers: net.Server[];
  readonly #waiting: (() => void)[] = [];

  private constructor(
    directory: string,
    testCertificate: TestCertificate,
    options: ScriptedServerOptions,
  ) {
    this.directory = directory;
    this.certificate = testCertificate;
    this.#options = options;
    this.script = options.script ?? answerFlush;
    const accept = (socket: net.Socket): void => {
      this.#accept(socket);
    };
    this.#servers = [net.createServer(accept), tls.createServer(testCertificate, accept)];
    for (const server of this.#servers) server.on('tlsClientError', () => undefined);
  }

  static async start(options: ScriptedServerOptions = {}): Promise<ScriptedServer> {
    certificate ??= makeCertificate();
    const directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
    const server = new ScriptedServer(directory, await certificate, options);
    const [unix, secure] = server.#servers;
    unix?.listen(server.socketPath);
    secure?.listen(0, '127.0.0.1');
    await Promise.all(server.#servers.map((each) => once(each, 'listening')));
    return server;
  }

  get socketPath(): string {
    return path.join(this.directory, 'clacks.sock');
  }

  get port(): number {
    return (this.#servers[1]?.address() as net.AddressInfo).port;
  }

  /** The connection of that number, counted from 0, as soon as there is one. */
  async peer(index: number): Promise<Peer> {
    for (;;) {
      const peer = this.peers[index];
      if (peer !== undefined) return peer;
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.peers) peer.socket.destroy();
    for (const server of this.#servers) server.close();
    await rm(this.directory, { recursive: true });
  }

  #accept(socket: net.Socket): void {
    const peer = new Peer(socket);
    this.peers.push(peer);
    for (const resolve of this.#waiting.splice(0)) resolve();
    const { greeting = 'CLACKS scripted 1.0\r\nOVERHEAD M Authentication required\r\n' } =
      this.#options;
    let toGreet = greeting !== '';
    const greet = (): void => {
      if (toGreet) peer.sendRaw(greeting);
      toGreet = false;
    };
    if (this.#options.greetsLate !== true) greet();
    const splitter = new LineSplitter(1024 * 1024);
    socket.on('data', (data: Buffer) => {
      greet();
      splitter.push(data.toString('latin1'));
      for (let line = splitter.next(); line !== undefined; line = splitter.next()) {
        this.#receive(line, peer);
      }
    });
  }

  #receive(line: string, peer: Peer): void {
    if (line.startsWith('OVERHEAD A ')) {
      const token = encodeToken({ username: 'admin', password: this.password });
      if (line === `OVERHEAD A ${token}`) {
        peer.sendRaw(this.#options.welcome ?? 'OVERHEAD O Welcome!\r\n');
      } else {
        peer.send('OVERHEAD F Login failed!');
        peer.socket.end();
      }
    } else if (!line.startsWith('CLACKS ')) {
      this.script(line, peer);
    }
    peer.take(line);
  }
}
