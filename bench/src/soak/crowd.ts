import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { NodeUnderTest } from '../node-under-test.ts';
import { Listener } from './listener.ts';
import { Publisher } from './publisher.ts';
import { Topic } from './topic.ts';
import type { Faults } from './topic.ts';
import type { Target } from './wire.ts';
import { Writer } from './writer.ts';

const publisherCount = 20;
const writerCount = 4;

/** Connections that are made at the same time, so that no TLS handshake waits for long. */
const connectAtOnce = 50;

/** How many connections there are. */
export interface CrowdPlan {
  readonly tls: number;
  readonly unix: number;
}

/** Everybody who is connected to the master: listeners who come and go, publishers, writers. */
export class Crowd {
  readonly topics: readonly Topic[];
  /** Its unix socket. */
  readonly target: Target;
  readonly #tlsTarget: Target;
  readonly #plan: CrowdPlan;
  readonly #faults: Faults;
  readonly #listeners: (Listener | undefined)[] = [];
  readonly #renewals = new Set<Promise<void>>();
  #publishers: Publisher[] = [];
  #writers: Writer[] = [];
  #nextPublisher = 0;
  #nextRenewal = 0;
  #pastDeliveries = 0;
  reconnects = 0;

  constructor(node: NodeUnderTest, plan: CrowdPlan, faults: Faults) {
    const { port } = node.connection;
    const context = createSecureContext({ ca: readFileSync(node.certificateFile) });
    this.target = { transport: 'unix', path: node.socketPath };
    this.#tlsTarget = { transport: 'tls', port: port ?? 0, context };
    this.#plan = plan;
    this.#faults = faults;
    // Each has a listener over TLS and one on the unix socket, if there are as many of them.
    const count = Math.max(publisherCount, plan.tls, plan.unix);
    this.topics = Array.from({ length: count }, (_, index) => new Topic(`soak::topic::${index}`));
  }

  /** Signals that listeners got. */
  get deliveries(): number {
    return this.#listeners.reduce(
      (sum, listener) => sum + (listener?.deliveries ?? 0),
      this.#pastDeliveries,
    );
  }

  async connect(): Promise<void> {
    for (let id = 0; id < publisherCount; id++) {
      const own = this.topics.filter((_, index) => index % publisherCount === id);
      const target = id % 2 === 0 ? this.target : this.#tlsTarget;
      this.#publishers.push(await Publisher.connect(target, own, this.#faults));
    }
    for (let id = 0; id < writerCount; id++) {
      this.#writers.push(await Writer.connect(this.target, id, this.#faults));
    }
    const count = this.#plan.tls + this.#plan.unix;
    for (let first = 0; first < count; first += connectAtOnce) {
      const length = Math.min(connectAtOnce, count - first);
      await Promise.all(
        Array.from({ length }, async (_, offset) => {
          this.#listeners[first + offset] = await this.#connectListener(first + offset);
        }),
      );
    }
  }

  /**
   * Sends about that many signals.
   *
   * @returns How many it sent: fewer if the server does not keep up.
   */
  send(count: number): number {
    // A few of them at a time, so that there are fewer and longer writes.
    const senders = 5;
    let sent = 0;
    for (let sender = 0; sender < senders; sender++) {
      const publisher = this.#publishers[this.#nextPublisher++ % publisherCount];
      sent += publisher?.send(Math.ceil(count / senders)) ?? 0;
    }
    return sent;
  }

  /** Writes about so many times. */
  write(count: number): number {
    const each = Math.ceil(count / writerCount);
    for (const writer of this.#writers) writer.write(each);
    return each * writerCount;
  }

  /** Notes what the master has handled, and has the writers wait until all is kept. */
  async fence(): Promise<void> {
    await Promise.all([...this.#publishers, ...this.#writers].map((sender) => sender.fence()));
  }

  /** Has so many listeners leave and come back: every other without a word. */
  renew(count: number): number {
    for (let index = 0; index < count; index++) {
      const renewal = this.#renew(this.#nextRenewal++).catch((error: unknown) => {
        this.#faults.add(`cannot connect anew: ${String(error)}`);
      });
      this.#renewals.add(renewal);
      void renewal.then(() => this.#renewals.delete(renewal));
    }
    return count;
  }

  /** Checks that everybody has got everything. Nobody sends any more. */
  async checkAll(): Promise<void> {
    await Promise.all(this.#renewals);
    await this.fence();
    await Promise.all(this.#listeners.map(async (listener) => listener?.checkAll()));
  }

  /** Checks what was written, on a node. */
  async checkWrites(target: Target, node: string): Promise<void> {
    for (const writer of this.#writers) await writer.check(target, node);
  }

  destroy(): void {
    for (const member of [...this.#publishers, ...this.#writers, ...this.#listeners]) {
      member?.destroy();
    }
  }

  async #connectListener(index: number): Promise<Listener> {
    const { tls } = this.#plan;
    const [target, number] = index < tls ? [this.#tlsTarget, index] : [this.target, index - tls];
    const topic = this.topics[number];
    if (topic === undefined) throw new Error(`there is no topic ${number}`);
    return await Listener.connect(target, topic, this.#faults);
  }

  async #renew(turn: number): Promise<void> {
    const { tls, unix } = this.#plan;
    // TLS and unix in turns; a stride that comes round to all of them.
    const index = turn % 2 === 0 && tls > 0 ? (turn / 2) % tls : tls + (turn % Math.max(1, unix));
    const listener = this.#listeners[index];
    // It is still about to come back.
    if (listener === undefined) return;
    this.#listeners[index] = undefined;
    if (turn % 4 < 2) await listener.leave();
    else listener.destroy();
    this.#pastDeliveries += listener.deliveries;
    this.#listeners[index] = await this.#connectListener(index);
    this.reconnects++;
  }
}
