import type { ApiConnection, ApiConnectionOrder, ApiPage, ApiRates } from './api-types.ts';
import type { AdminPort, ConnectionState } from './ports.ts';

/** Rates are those since the last look, if that is not shorter ago than so many ms. */
const lookMs = 1000;

type Counts = Pick<ConnectionState, 'linesReceived' | 'linesSent' | 'bytesReceived' | 'bytesSent'>;

interface Look {
  readonly atMs: number;
  readonly counts: Counts;
  readonly rates: ApiRates;
}

/** What is asked for of the list. */
export interface ConnectionQuery {
  readonly order: ApiConnectionOrder;
  readonly isDescending: boolean;
  /** Text that one of its words has to hold; empty for all. */
  readonly filter: string;
  readonly offset: number;
  readonly limit: number;
}

const countsOf = ({ linesReceived, linesSent, bytesReceived, bytesSent }: Counts): Counts => ({
  linesReceived,
  linesSent,
  bytesReceived,
  bytesSent,
});

const ratesBetween = (before: Counts, now: Counts, tookMs: number): ApiRates => {
  const perS = (kind: keyof Counts): number =>
    (Math.max(0, now[kind] - before[kind]) * 1000) / Math.max(1, tookMs);
  return {
    linesReceivedPerS: perS('linesReceived'),
    linesSentPerS: perS('linesSent'),
    bytesReceivedPerS: perS('bytesReceived'),
    bytesSentPerS: perS('bytesSent'),
  };
};

const none: Counts = { linesReceived: 0, linesSent: 0, bytesReceived: 0, bytesSent: 0 };

const compare = (one: string | number, other: string | number): number =>
  one < other ? -1 : one > other ? 1 : 0;

/** Shows the connections of a node, sorted, and how much goes through each. */
export class ConnectionView {
  readonly #port: AdminPort;
  readonly #now: () => number;
  #looks = new Map<string, Look>();
  #lookedAtMs = -Infinity;

  /** @param now - Monotonic ms. */
  constructor(port: AdminPort, now: () => number) {
    this.#port = port;
    this.#now = now;
  }

  /** A part of the list. */
  list({ order, isDescending, filter, offset, limit }: ConnectionQuery): ApiPage<ApiConnection> {
    const wanted = filter.toLowerCase();
    const fits = ({ id, name, username, address, transport }: ApiConnection): boolean =>
      wanted === '' ||
      [id, name, username, address, transport].some((text) => text.toLowerCase().includes(wanted));
    const fitting = this.#all().filter(fits);
    fitting.sort((one, other) => compare(one[order], other[order]) || compare(one.id, other.id));
    if (isDescending) fitting.reverse();
    return {
      total: fitting.length,
      offset,
      items: fitting.slice(offset, offset + limit),
    };
  }

  #all(): ApiConnection[] {
    const nowMs = this.#now();
    const isDue = nowMs - this.#lookedAtMs >= lookMs;
    const looks = isDue ? new Map<string, Look>() : this.#looks;
    const all: ApiConnection[] = [];
    for (const state of this.#port.connections()) {
      const known = this.#looks.get(state.id);
      const look = known !== undefined && !isDue ? known : this.#look(state, known, nowMs);
      looks.set(state.id, look);
      all.push({ ...state, ...look.rates });
    }
    if (isDue) {
      this.#looks = looks;
      this.#lookedAtMs = nowMs;
    }
    return all;
  }

  #look(state: ConnectionState, before: Look | undefined, nowMs: number): Look {
    const counts = countsOf(state);
    const tookMs = before === undefined ? Date.now() - state.sinceMs : nowMs - before.atMs;
    return { atMs: nowMs, counts, rates: ratesBetween(before?.counts ?? none, counts, tookMs) };
  }
}
