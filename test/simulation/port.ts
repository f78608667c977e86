import { LineSplitter } from '@clacks/protocol';
import type {
  ConnectionFacts,
  ConnectionPort,
  LineSource,
} from '../../packages/clacks/src/broker/ports.ts';
import type { Session } from '../../packages/clacks/src/broker/session.ts';
import type { SimulatedNode } from './node.ts';
import type { Out, WireEnd } from './wire.ts';

let serial = 0;

/** Is told what becomes of the lines that come in. */
export interface LineWatcher {
  /** The node takes the next line. */
  takes(): void;
  /** It has handled it. */
  handled(): void;
}

/** One end of a connection, at a node. */
export class SimulatedPort implements ConnectionPort, WireEnd {
  readonly facts: ConnectionFacts;
  readonly cid: string;
  readonly stalledSinceMs = 0;
  lastSentAtMs = 0;
  session: Session | undefined;
  watcher: LineWatcher | undefined;
  readonly #lines = new LineSplitter(1024 * 1024);
  readonly #source: LineSource = {
    alike: 0,
    next: () => this.#nextLine(),
    withAlike: (line, headLength) => this.#lines.withAlike(line, headLength),
    mayGoOn: () => true,
    asBytes: () => undefined,
  };
  readonly #node: SimulatedNode;
  readonly #out: Out;
  #isClosed = false;
  #isHandling = false;
  #isAtLine = false;

  constructor(node: SimulatedNode, out: Out) {
    serial++;
    this.facts = { transport: 'unix', host: 'simulated', port: `${serial}` };
    this.cid = `simulated:${serial}`;
    this.#node = node;
    this.#out = out;
  }

  get outbufferLength(): number {
    return this.#out.waitingBytes;
  }

  get inbufferLength(): number {
    return this.#lines.length;
  }

  get isLive(): boolean {
    return this.session?.link?.status.state === 'live';
  }

  send(lines: string): void {
    if (this.#isClosed) return;
    this.lastSentAtMs = this.#node.world.nowMs;
    this.#out.send(lines);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#out.closed();
    const { session } = this;
    this.#node.later(() => {
      if (session !== undefined) this.#node.broker.closed(session, 0);
    });
  }

  setLink(): void {
    // Nothing is bounded here.
  }

  resume(): void {
    this.#handle();
  }

  /** Bytes come in. */
  receive(bytes: string): void {
    if (this.#isClosed) return;
    this.#lines.push(bytes);
    this.#handle();
  }

  /** The other end is gone. */
  gone(): void {
    this.close();
  }

  #handle(): void {
    // A line may unlock the node, which resumes everybody: also who is at it.
    if (this.session === undefined || this.#isClosed || this.#isHandling) return;
    this.#isHandling = true;
    try {
      this.#node.broker.receive(this.session, this.#source);
      this.#lineHandled();
    } finally {
      this.#isHandling = false;
    }
  }

  #nextLine(): string | undefined {
    this.#lineHandled();
    const line = this.#lines.next();
    if (line !== undefined && this.watcher !== undefined) {
      this.#isAtLine = true;
      this.watcher.takes();
    }
    return line;
  }

  #lineHandled(): void {
    if (!this.#isAtLine) return;
    this.#isAtLine = false;
    this.watcher?.handled();
  }
}
