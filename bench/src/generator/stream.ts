import { setTimeout as pause } from 'node:timers/promises';
import type { RunContext } from '../workloads/workload.ts';
import type { Dialect } from '../peers/dialect.ts';
import type { Address } from '../peers/peer.ts';
import { measureFor } from './stopwatch.ts';
import type { Stretch } from './stopwatch.ts';
import type { Batch, CompiledTraffic } from './traffic.ts';
import { Verifier } from './verifier.ts';
import { connectListener, connectMany, Wire } from './wire.ts';

/** One connection has so much in its own buffer at most. */
const mostBacklog = 64 * 1024;
/** Batches that are written in a row before others have their turn. */
const mostInARow = 256;
const drainTimeoutMs = 10_000;

/** Where one sends and listens, and who is measured. */
export interface Ends {
  readonly publishAt: Address;
  readonly listenAt: Address;
  readonly pids: readonly number[];
}

/** What has been delivered while it was measured. */
export interface StreamResult extends Stretch {
  /** Messages that were sent for what was done: deliveries. */
  readonly messages: number;
  readonly fault: string | undefined;
}

interface Publisher {
  readonly wire: Wire;
  readonly batches: readonly Batch[];
  next: number;
}

/** Sends traffic for a while, as fast as the server takes it within the window. */
class Stream {
  readonly #traffic: CompiledTraffic;
  readonly #publishers: Publisher[] = [];
  readonly #listeners: Wire[] = [];
  readonly #verifiers: Verifier[] = [];
  #sentBytes = 0;
  #receivedBytes = 0;
  #sent = { messages: 0, deliveries: 0 };
  #turn = 0;
  #isSending = true;
  #isScheduled = false;

  constructor(traffic: CompiledTraffic) {
    this.#traffic = traffic;
  }

  async open({ ca, isVerified, onClose }: RunContext, dialect: Dialect, ends: Ends): Promise<void> {
    const options = { dialect, ca, onClose };
    const verify = (wire: Wire, verifier: Verifier): void => {
      this.#verifiers.push(verifier);
      const count = wire.onBytes;
      wire.onBytes = (bytes) => {
        verifier.push(bytes);
        count(bytes);
      };
    };
    const { listeners } = this.#traffic;
    const wires = await connectMany(listeners.length, (index) =>
      connectListener({ ...options, address: ends.listenAt }, listeners[index] ?? []),
    );
    for (const [index, wire] of wires.entries()) {
      wire.onBytes = (bytes) => {
        this.#receivedBytes += bytes.length;
        this.#schedule();
      };
      if (isVerified) verify(wire, new Verifier(this.#traffic.sourcesOf(index), dialect.noise));
      this.#listeners.push(wire);
    }
    for (const [index, batches] of this.#traffic.publishers.entries()) {
      const wire = await Wire.connect({
        ...options,
        address: ends.publishAt,
        role: 'publish',
      });
      wire.onDrain = () => {
        this.#schedule();
      };
      if (isVerified) verify(wire, new Verifier([this.#traffic.answersTo(index)], dialect.noise));
      this.#publishers.push({ wire, batches, next: 0 });
    }
  }

  async run({ seconds, warmUpSeconds }: RunContext, { pids }: Ends): Promise<StreamResult> {
    this.#schedule();
    await pause(warmUpSeconds * 1000);
    const stretch = await measureFor(seconds, pids, () => this.#receivedBytes);
    this.#isSending = false;
    const lost = await this.#drain();
    const { deliveries, messages } = this.#sent;
    const bytesEach = this.#sentBytes / deliveries;
    const done = stretch.done / bytesEach;
    return {
      lap: stretch.lap,
      done,
      cpuNs: stretch.cpuNs * bytesEach,
      leastCpuNs: stretch.leastCpuNs * bytesEach,
      messages: (messages / deliveries) * done,
      fault: this.#fault(lost),
    };
  }

  close(): void {
    for (const wire of this.#listeners) wire.close();
    for (const { wire } of this.#publishers) wire.close();
  }

  /** @returns Whether bytes are still missing. */
  async #drain(): Promise<boolean> {
    const deadlineMs = performance.now() + drainTimeoutMs;
    while (this.#receivedBytes < this.#sentBytes) {
      if (performance.now() > deadlineMs) return true;
      await pause(5);
    }
    return false;
  }

  #fault(isLost: boolean): string | undefined {
    if (isLost) return `${this.#sentBytes - this.#receivedBytes} bytes did not come`;
    return this.#verifiers.find(({ fault }) => fault !== undefined)?.fault;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#pump();
    });
  }

  /** Each publisher in turn writes a batch, as long as the window has room. */
  #pump(): void {
    if (!this.#isSending) return;
    const count = this.#publishers.length;
    for (let idle = 0, written = 0; idle < count;) {
      if (written >= mostInARow) {
        this.#schedule();
        return;
      }
      const publisher = this.#publishers[this.#turn];
      const batch = publisher?.batches[publisher.next];
      if (publisher === undefined || batch === undefined) return;
      const onTheWay = this.#sentBytes - this.#receivedBytes;
      if (onTheWay > 0 && onTheWay + batch.deliveredBytes > this.#traffic.window) return;
      this.#turn = (this.#turn + 1) % count;
      // A batch of one message must be a write of its own: nothing may wait to be written together.
      const most = batch.messages === 1 ? 1 : mostBacklog;
      if (publisher.wire.backlog >= most) {
        idle++;
        continue;
      }
      idle = 0;
      written++;
      publisher.next = (publisher.next + 1) % publisher.batches.length;
      this.#sentBytes += batch.deliveredBytes;
      this.#sent.messages += batch.messages;
      this.#sent.deliveries += batch.deliveries;
      publisher.wire.write(batch.bytes);
    }
  }
}

const endsOf = ({ running: { address, pid } }: RunContext): Ends => ({
  publishAt: address,
  listenAt: address,
  pids: [pid],
});

/**
 * Opens all connections, sends traffic for a while, and measures.
 *
 * @param ends - Default: the server that runs.
 */
export const stream = async (
  context: RunContext,
  dialect: Dialect,
  traffic: CompiledTraffic,
  ends: Ends = endsOf(context),
): Promise<StreamResult> => {
  const running = new Stream(traffic);
  try {
    await running.open(context, dialect, ends);
    return await running.run(context, ends);
  } finally {
    running.close();
  }
};
