import type { ApiSignal, ApiSignals } from 'clacks/admin-api';
import { addActivity, ratePerS } from './activity.ts';
import type { Activity } from './activity.ts';

/** Names that are remembered: those that were silent for longest make way. */
const namesMax = 5000;
/** Signals of the log. */
const logMax = 5000;
/** Numbers of one sparkline. */
const samplesMax = 60;

/** A value that is a number, and when it came, in ms. */
export interface Sample {
  readonly atMs: number;
  readonly value: number;
}

/** The newest of a name. Never changed: another signal makes another row. */
export interface NameRow extends ApiSignal {
  readonly activity: Activity;
  /** Its last values, if they are numbers. */
  readonly samples: readonly Sample[];
}

/** A signal of the log. */
export interface LogRow extends ApiSignal {
  readonly serial: number;
}

/** What is shown: it stays as it is while the board goes on. */
export interface BoardView {
  /** In the order in which they came last. */
  readonly rows: readonly NameRow[];
  /** The oldest first. */
  readonly log: readonly LogRow[];
  readonly beganAtMs: number;
  readonly nowMs: number;
  /** All signals that came. */
  readonly seen: number;
  readonly seenPerS: number;
  /** Those that are not in the log: newer ones of their names came at once, or there were too many. */
  readonly leftOut: number;
  /** Those of names that were left out: they are counted for no name. */
  readonly uncounted: number;
  /** Names that made way. */
  readonly forgotten: number;
}

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/iu;

/** The number that a value is, if it is one. */
export const numberOf = (value: string | undefined): number | undefined => {
  const text = value?.trim() ?? '';
  if (text.length > 40 || !number.test(text)) return undefined;
  const parsed = Number(text);
  return Number.isFinite(parsed) ? parsed : undefined;
};

/** How many signals of a row's name there were a second lately. */
export const rateOf = ({ activity }: NameRow, { beganAtMs, nowMs }: BoardView): number =>
  ratePerS(activity, beganAtMs, nowMs);

/** Takes signals as they come, and knows of no more of them than fits. Times are monotonic ms. */
export class SignalBoard {
  readonly #beganAtMs: number;
  readonly #rows = new Map<string, NameRow>();
  #log: LogRow[] = [];
  #all: Activity;
  #serial = 0;
  #seen = 0;
  #leftOut = 0;
  #uncounted = 0;
  #forgotten = 0;

  constructor(nowMs: number) {
    this.#beganAtMs = nowMs;
    this.#all = { weight: 0, atMs: nowMs };
  }

  /** All signals that came. */
  get seen(): number {
    return this.#seen;
  }

  /** Takes what the server tells at a time. */
  add({ items, seen, leftOut }: ApiSignals, nowMs: number): void {
    let counted = 0;
    for (const item of items) {
      counted += item.count;
      this.#serial++;
      this.#log.push({ ...item, serial: this.#serial });
      this.#addRow(item, nowMs);
    }
    // Not at each signal: that would be a copy of the log each.
    if (this.#log.length > 2 * logMax) this.#log = this.#log.slice(-logMax);
    this.#all = addActivity(this.#all, seen, nowMs);
    this.#seen += seen;
    this.#leftOut += leftOut;
    this.#uncounted += Math.max(0, seen - counted);
  }

  /** What is to be shown now. */
  view(nowMs: number): BoardView {
    return {
      rows: [...this.#rows.values()],
      log: this.#log.slice(-logMax),
      beganAtMs: this.#beganAtMs,
      nowMs,
      seen: this.#seen,
      seenPerS: ratePerS(this.#all, this.#beganAtMs, nowMs),
      leftOut: this.#leftOut,
      uncounted: this.#uncounted,
      forgotten: this.#forgotten,
    };
  }

  #addRow(item: ApiSignal, nowMs: number): void {
    const { name, value, count } = item;
    const known = this.#rows.get(name);
    const parsed = numberOf(value);
    const before = known?.samples ?? [];
    const samples =
      parsed === undefined
        ? before
        : [...before.slice(1 - samplesMax), { atMs: nowMs, value: parsed }];
    // At the end of the map: those at its beginning were silent for longest.
    this.#rows.delete(name);
    this.#rows.set(name, {
      ...item,
      count: count + (known?.count ?? 0),
      activity: addActivity(known?.activity, count, nowMs),
      samples,
    });
    if (this.#rows.size <= namesMax) return;
    for (const [oldest] of this.#rows) {
      this.#rows.delete(oldest);
      this.#forgotten++;
      return;
    }
  }
}
