import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ApiSample } from './api-types.ts';
import type { AdminPort, NodeTotals } from './ports.ts';

/** Seconds that are remembered. */
const samplesMax = 600;
/** Grain of what is measured of the event loop, in ms. */
const resolutionMs = 20;

const sum = (counts: Iterable<number>): number => {
  let total = 0;
  for (const count of counts) total += count;
  return total;
};

interface Sums {
  readonly atMs: number;
  readonly linesReceived: number;
  readonly linesSent: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

const sumsOf = (totals: NodeTotals, atMs: number): Sums => ({
  atMs,
  linesReceived: sum(totals.linesReceived.values()),
  linesSent: sum(totals.linesSent.values()),
  bytesReceived: totals.networkBytesReceived,
  bytesSent: totals.networkBytesSent,
});

const nothing: ApiSample = {
  atMs: 0,
  linesReceivedPerS: 0,
  linesSentPerS: 0,
  bytesReceivedPerS: 0,
  bytesSentPerS: 0,
  eventLoopDelayP50Ms: 0,
  eventLoopDelayP99Ms: 0,
  eventLoopDelayMaxMs: 0,
  storeCommitMaxMs: 0,
  connections: 0,
  cacheEntries: 0,
  bufferedBytes: 0,
};

/** What a node did in each of the last seconds. */
export class History {
  readonly #port: AdminPort;
  readonly #now: () => number;
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs });
  readonly #samples: ApiSample[] = [];
  #before: Sums;
  #storeCommitMaxMs = 0;

  /** @param now - Monotonic ms. */
  constructor(port: AdminPort, now: () => number) {
    this.#port = port;
    this.#now = now;
    this.#before = sumsOf(port.totals(), now());
    this.#delay.enable();
  }

  /** The store has written something. */
  storeCommitted(tookMs: number): void {
    this.#storeCommitMaxMs = Math.max(this.#storeCommitMaxMs, tookMs);
  }

  /** The seconds, the oldest first. */
  get samples(): readonly ApiSample[] {
    return this.#samples;
  }

  /** The last second. */
  get last(): ApiSample {
    return this.#samples.at(-1) ?? nothing;
  }

  /** Called once a second. */
  tick(): void {
    const totals = this.#port.totals();
    const sums = sumsOf(totals, this.#now());
    const seconds = Math.max(0.001, (sums.atMs - this.#before.atMs) / 1000);
    const rate = (kind: Exclude<keyof Sums, 'atMs'>): number =>
      Math.max(0, sums[kind] - this.#before[kind]) / seconds;
    const delayMs = (ns: number): number =>
      Number.isFinite(ns) ? Math.max(0, ns / 1e6 - resolutionMs) : 0;
    this.#samples.push({
      atMs: Date.now(),
      linesReceivedPerS: rate('linesReceived'),
      linesSentPerS: rate('linesSent'),
      bytesReceivedPerS: rate('bytesReceived'),
      bytesSentPerS: rate('bytesSent'),
      eventLoopDelayP50Ms: delayMs(this.#delay.percentile(50)),
      eventLoopDelayP99Ms: delayMs(this.#delay.percentile(99)),
      eventLoopDelayMaxMs: delayMs(this.#delay.max),
      storeCommitMaxMs: this.#storeCommitMaxMs,
      connections: sum(Object.values(totals.openByTransport)),
      cacheEntries: totals.cacheEntries,
      bufferedBytes: totals.bufferedBytes,
    });
    if (this.#samples.length > samplesMax) this.#samples.shift();
    this.#before = sums;
    this.#storeCommitMaxMs = 0;
    this.#delay.reset();
  }

  /** Measures no longer. */
  stop(): void {
    this.#delay.disable();
  }
}
