import { LineSplitter } from '@clacks/protocol';
import type { ConnectionFacts, ConnectionPort } from '../../packages/clacks/src/broker/ports.ts';
import type { Session } from '../../packages/clacks/src/broker/session.ts';
import type { SimulatedNode } from './node.ts';

let serial = 0;

/** One end of a connection, at a node. What the node sends goes to `out`. */
export class SimulatedPort implements ConnectionPort {
  readonly facts: ConnectionFacts;
  readonly cid: string;
  readonly outbufferLength = 0;
  readonly stalledSinceMs = 0;
  lastSentAtMs = 0;
  session: Session | undefined;
  /** Called when all lines that came in have been handled. */
  handled: () => void = () => undefined;
  readonly #lines = new LineSplitter(1024 * 1024);
  readonly #node: SimulatedNode;
  readonly #out: { send(lines: string): void; closed(): void };
  #isClosed = false;
  #isHandling = false;

  constructor(node: SimulatedNode, out: { send(lines: string): void; closed(): void }) {
    serial++;
    this.facts = { transport: 'unix', host: 'simulated', port: `${serial}` };
    this.cid = `simulated:${serial}`;
    this.#node = node;
    this.#out = out;
  }

  get inbufferLength(): number {
    return this.#lines.length;
  }

  get isClosed(): boolean {
    return this.#isClosed;
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
      if (this.#node.broker.receive(this.session, this.#lines)) this.handled();
    } finally {
      this.#isHandling = false;
    }
  }
}
