import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConnectOptions } from '@clacks/client';
import type { ListenAddress, ServerStatistics } from 'clacks';
import { makeCertificate } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import { settledBytesOf } from './machine/processor-time.ts';

/** What a node's process tells. */
export type NodeMessage =
  | { readonly kind: 'listening'; readonly addresses: readonly ListenAddress[] }
  | { readonly kind: 'log'; readonly message: string }
  | { readonly kind: 'collected'; readonly uncollectedBytes: number }
  | ({ readonly kind: 'needed' } & Needs)
  | ({ readonly kind: 'sample' } & Sample);

/** Resident memory. */
export interface Resident {
  /** After garbage was collected. */
  readonly bytes: number;
  /** And before. */
  readonly uncollectedBytes: number;
}

/** What a node has needed since it was last asked. */
export interface Needs {
  /** The longest time for which its event loop did not turn, in ms. */
  readonly longestDelayMs: number;
  /** Most resident memory. */
  readonly peakBytes: number;
}

/** What a node holds and does, after garbage was collected. */
export interface Sample {
  readonly statistics: ServerStatistics;
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
  /** What keeps its event loop going: sockets, timers and the like. */
  readonly handles: number;
  readonly fileDescriptors: number;
  /** 99 of 100 turns of the event loop were delayed by less than that, in ms. */
  readonly delayP99Ms: number;
  /** Processor time since it was started, in ms. */
  readonly processorMs: number;
}

const configWith = (more: string): string => `<clacks>
  <ip>127.0.0.1</ip><port>0</port>
  <socket>clacks.sock</socket>
  <ssl><cert>bench.crt</cert><key>bench.key</key></ssl>
  <username>bench</username><password>bench</password>
  ${more}
</clacks>
`;

/** A process that listens. */
interface Started {
  readonly child: ChildProcess;
  /** Its TLS port. */
  readonly port: number;
  readonly startMs: number;
}

/** How a node's process is started. */
export interface NodeOptions {
  /** Default: one made for it. */
  readonly certificate?: Certificate;
  /** A command, and its arguments, that runs the rest of its arguments. */
  readonly wrapper?: readonly string[];
  /** Its log goes to a file, and it does not watch itself: nothing but the server takes time. */
  readonly asInProduction?: boolean;
}

const startProcess = async (directory: string, options: NodeOptions): Promise<Started> => {
  const { wrapper = [], asInProduction = false } = options;
  // The built one, also when this file itself is not: tests run the sources.
  const script = fileURLToPath(new URL('../dist/node-process.js', import.meta.url));
  const beganAtMs = performance.now();
  const log = asInProduction ? [path.join(directory, 'clacks.log')] : [];
  const args = ['--expose-gc', script, path.join(directory, 'bench.xml'), ...log];
  const [file = '', ...rest] = [...wrapper, process.execPath, ...args];
  const child = spawn(file, rest, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (;;) {
    const [message] = (await once(child, 'message')) as [NodeMessage];
    if (message.kind !== 'listening') continue;
    const tls = message.addresses.find((address) => address.transport === 'tls');
    return { child, port: tls?.port ?? 0, startMs: performance.now() - beganAtMs };
  }
};

/** A node in a process of its own, with a certificate made for it. */
export class NodeUnderTest implements AsyncDisposable {
  /** How to connect to it over TLS. */
  readonly connection: ConnectOptions;
  /** Its unix socket. */
  readonly socketPath: string;
  readonly #directory: string;
  readonly #options: NodeOptions;
  #child: ChildProcess;
  #startMs: number;

  private constructor(started: Started, directory: string, ca: string, options: NodeOptions) {
    const { child, port, startMs } = started;
    this.#child = child;
    this.#startMs = startMs;
    this.#directory = directory;
    this.#options = options;
    this.socketPath = path.join(directory, 'clacks.sock');
    const login = { username: 'bench', password: 'bench' };
    this.connection = { host: '127.0.0.1', port, ...login, tls: { ca } };
  }

  /**
   * Starts a node in a temporary directory.
   *
   * @param more - More elements of its configuration.
   */
  static async start(more = '', options: NodeOptions = {}): Promise<NodeUnderTest> {
    const directory = await mkdtemp(path.join(tmpdir(), 'clacks-bench-'));
    const { cert, key } = options.certificate ?? (await makeCertificate());
    await writeFile(path.join(directory, 'bench.crt'), cert);
    await writeFile(path.join(directory, 'bench.key'), key);
    await writeFile(path.join(directory, 'bench.xml'), configWith(more));
    return new NodeUnderTest(await startProcess(directory, options), directory, cert, options);
  }

  /** How long it took from starting the process until it listened, in ms. */
  get startMs(): number {
    return this.#startMs;
  }

  /** The number of its process. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it holds and does now. */
  async sample(): Promise<Sample> {
    this.#child.send('sample');
    for (;;) {
      const [message] = (await once(this.#child, 'message')) as [NodeMessage];
      if (message.kind === 'sample') return message;
    }
  }

  /** The file of its certificate. */
  get certificateFile(): string {
    return path.join(this.#directory, 'bench.crt');
  }

  /** Kills it, as if the machine had lost its power. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  /** Stops it in order and starts it again, on another TLS port. */
  async restart(): Promise<void> {
    await this.#stop();
    await this.startAgain();
  }

  /** Starts it again after it was killed, on another TLS port. */
  async startAgain(): Promise<void> {
    const { child, startMs } = await startProcess(this.#directory, this.#options);
    this.#child = child;
    this.#startMs = startMs;
  }

  /** Waits until the node has logged that message. */
  async logged(expected: string): Promise<void> {
    for (;;) {
      const [message] = (await once(this.#child, 'message')) as [NodeMessage];
      if (message.kind === 'log' && message.message === expected) return;
    }
  }

  /** What the node has needed since it was last asked. */
  async needs(): Promise<Needs> {
    this.#child.send('needs');
    for (;;) {
      const [message] = (await once(this.#child, 'message')) as [NodeMessage];
      if (message.kind === 'needed') return message;
    }
  }

  /**
   * What memory the node takes now.
   *
   * @param settleMs - How long freed pages may take until they are given back.
   */
  async resident(settleMs: number): Promise<Resident> {
    this.#child.send('collect');
    for (;;) {
      const [message] = (await once(this.#child, 'message')) as [NodeMessage];
      if (message.kind !== 'collected') continue;
      const { uncollectedBytes } = message;
      return { bytes: await settledBytesOf(this.pid, settleMs), uncollectedBytes };
    }
  }

  async #stop(): Promise<void> {
    if (this.#child.signalCode !== null || this.#child.exitCode !== null) return;
    this.#child.disconnect();
    await once(this.#child, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    await rm(this.#directory, { recursive: true });
  }
}
