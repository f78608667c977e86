import { setTimeout as pause } from 'node:timers/promises';
import type { Dialect } from '../peers/dialect.ts';
import type { RunContext } from '../workloads/workload.ts';
import { startLap } from './stopwatch.ts';
import type { Lap } from './stopwatch.ts';
import type { Batch, CompiledTraffic } from './traffic.ts';
import { Verifier } from './verifier.ts';
import { connectListener, connectMany, Wire } from './wire.ts';

const tickMs = 1;
const drainTimeoutMs = 10_000;

/** Begins a value, and comes nowhere else: the number of the signal follows. */
const mark = 0x40;
const [digits, zero] = [6, 0x30];

/** What has been heard while it was measured. */
export interface PacedResult {
  /** From when a signal was written until a listener had it, of each delivery of those of the lap. */
  readonly latenciesMs: readonly number[];
  readonly lap: Lap;
  readonly fault: string | undefined;
}

/** Sends signals at a pace, whether they come or not, each by itself. */
export class PacedStream {
  readonly #traffic: CompiledTraffic;
  readonly #perMs: number;
  readonly #publishers: Wire[] = [];
  readonly #listeners: Wire[] = [];
  readonly #verifiers: Verifier[] = [];
  /** By the number of the signal. */
  readonly #batches: readonly Batch[];
  readonly #sentAtMs: Float64Array;
  readonly #latenciesMs: number[] = [];
  /** Signals that were written before are not measured. */
  #measuredFromMs = Infinity;
  #sent = 0;
  #due = 0;
  #expected = 0;
  #heard = 0;

  /** @param traffic - Publishers have as many signals, which are numbered in turn. */
  constructor(traffic: CompiledTraffic, perSecond: number) {
    this.#traffic = traffic;
    this.#perMs = perSecond / 1000;
    const [first = [], ...others] = traffic.publishers;
    this.#batches = first.flatMap((batch, index) => [
      batch,
      ...others.flatMap((batches) => batches[index] ?? []),
    ]);
    this.#sentAtMs = new Float64Array(this.#batches.length);
  }

  /** The value that a signal must have, of 16 bytes. */
  static valueOf(number: number): string {
    return `@${String(number).padStart(digits, '0')}`.padEnd(16, 'x');
  }

  async open({ running, ca, isVerified, onClose }: RunContext, dialect: Dialect): Promise<void> {
    const options = { address: running.address, dialect, ca, onClose };
    const { listeners, publishers } = this.#traffic;
    const wires = await connectMany(listeners.length, (index) =>
      connectListener(options, listeners[index] ?? []),
    );
    for (const [index, wire] of wires.entries()) {
      wire.onBytes = this.#hear;
      if (isVerified) {
        const verifier = new Verifier(this.#traffic.sourcesOf(index), dialect.noise);
        this.#verifiers.push(verifier);
        wire.onBytes = (bytes) => {
          this.#hear(bytes);
          verifier.push(bytes);
        };
      }
    }
    this.#listeners.push(...wires);
    const senders = await connectMany(publishers.length, () =>
      Wire.connect({ ...options, role: 'publish' }),
    );
    this.#publishers.push(...senders);
  }

  async run({ seconds, warmUpSeconds, running }: RunContext): Promise<PacedResult> {
    let lastMs = performance.now();
    const timer = setInterval(() => {
      const nowMs = performance.now();
      this.#send((nowMs - lastMs) * this.#perMs);
      lastMs = nowMs;
    }, tickMs);
    await pause(warmUpSeconds * 1000);
    const endLap = startLap([running.pid]);
    this.#measuredFromMs = performance.now();
    await pause(seconds * 1000);
    const lap = endLap();
    clearInterval(timer);
    // The slowest ones are those that have not come yet.
    const fault = await this.#fault();
    return { latenciesMs: this.#latenciesMs, lap, fault };
  }

  close(): void {
    for (const wire of [...this.#listeners, ...this.#publishers]) wire.close();
  }

  /** Sends what has become due, one publisher after the other. */
  #send(due: number): void {
    this.#due += due;
    for (; this.#sent < this.#due; this.#sent++) {
      const number = this.#sent % this.#batches.length;
      const batch = this.#batches[number];
      if (batch === undefined) return;
      this.#expected += batch.deliveries;
      this.#sentAtMs[number] = performance.now();
      this.#publishers[number % this.#publishers.length]?.write(batch.bytes);
    }
  }

  readonly #hear = (bytes: Buffer): void => {
    const nowMs = performance.now();
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + digits)) {
      this.#heard++;
      let number = 0;
      for (let index = at + 1; index <= at + digits; index++) {
        number = number * 10 + (bytes[index] ?? NaN) - zero;
      }
      // A number may be cut in two when much came at once: it is counted only.
      const sentAtMs = this.#sentAtMs[number] ?? -Infinity;
      if (sentAtMs >= this.#measuredFromMs) this.#latenciesMs.push(nowMs - sentAtMs);
    }
  };

  /** Waits until all that was sent has come. */
  async #fault(): Promise<string | undefined> {
    const expected = this.#expected;
    const deadlineMs = performance.now() + drainTimeoutMs;
    while (this.#heard < expected && performance.now() < deadlineMs) await pause(5);
    if (this.#heard !== expected) return `${this.#heard} of ${expected} deliveries came`;
    return this.#verifiers.find(({ fault }) => fault !== undefined)?.fault;
  }
}
