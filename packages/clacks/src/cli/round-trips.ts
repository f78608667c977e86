import { createHistogram } from 'node:perf_hooks';

/** What became of all probes: times in ms, to three significant figures; none without an answer. */
export interface RoundTripSummary {
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
  readonly minMs?: number;
  readonly p50Ms?: number;
  readonly p90Ms?: number;
  readonly p99Ms?: number;
  readonly maxMs?: number;
}

const nsPerMs = 1e6;

const round = (ms: number): number => Number(ms.toFixed(3));

/** Counts round trips, in memory that does not grow however many there are. */
export class RoundTrips {
  readonly #times = createHistogram({ lowest: 1, highest: 3600 * 1000 * nsPerMs, figures: 3 });
  #lost = 0;

  /** A probe was answered after so long. */
  answered(ms: number): void {
    this.#times.record(Math.max(1, Math.round(ms * nsPerMs)));
  }

  /** A probe was not answered. */
  lost(): void {
    this.#lost++;
  }

  /** All so far. */
  get summary(): RoundTripSummary {
    const times = this.#times;
    const answered = times.count;
    const counts = { sent: answered + this.#lost, answered, lost: this.#lost };
    if (answered === 0) return counts;
    const percentile = (percent: number): number =>
      round(Math.min(times.percentile(percent), times.max) / nsPerMs);
    return {
      ...counts,
      minMs: round(times.min / nsPerMs),
      p50Ms: percentile(50),
      p90Ms: percentile(90),
      p99Ms: percentile(99),
      maxMs: round(times.max / nsPerMs),
    };
  }
}
