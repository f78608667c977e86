/** The smallest and the largest value of a setting. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

const day = 24 * 3600 * 1000;

/** A timeout: what a timer can wait for, about 24 days. */
const timeout: Bounds = { min: 1, max: 24 * day };
/** How long something is kept: up to a hundred years. */
const keeping: Bounds = { min: 0, max: 36_525 * day };

/** What times may be, in ms. */
export const timeBoundsMs = {
  pingTimeoutMs: timeout,
  interclacksPingTimeoutMs: timeout,
  interclacksReconnectTimeoutMs: timeout,
  authTimeoutMs: timeout,
  stalledWriteTimeoutMs: timeout,
  interclacksStalledWriteTimeoutMs: timeout,
  cacheCleanIntervalMs: timeout,
  persistenceIntervalMs: timeout,
  deletedCacheTimeMs: keeping,
  staleCacheTimeMs: keeping,
} as const satisfies Record<string, Bounds>;

const kibibyte = 1024;
const gibibyte = 1024 ** 3;

/** What whole numbers may be: sizes in bytes, connections, ports. */
export const countBounds = {
  port: { min: 0, max: 65_535 },
  /** A longer line does not fit a JavaScript string with everything around it. */
  maxLineLength: { min: kibibyte, max: gibibyte / 4 },
  maxOutbuffer: { min: kibibyte, max: 16 * gibibyte },
  maxBuffered: { min: kibibyte, max: 1024 * gibibyte },
  maxConnections: { min: 0, max: 10_000_000 },
  maxConnectionsPerHost: { min: 0, max: 10_000_000 },
  maxNames: { min: 1, max: 10_000_000 },
  maxMessagesPerSecond: { min: 0, max: 1_000_000_000 },
  /** A limit needs a Set of all entries: V8 holds at most 2^24 in one. */
  maxCacheEntries: { min: 0, max: 16_000_000 },
  maxCacheBytes: { min: 0, max: 1024 * gibibyte },
} as const satisfies Record<string, Bounds>;

/** The port of a master: the one of a server, but not 0. */
export const masterPortBounds: Bounds = { min: 1, max: 65_535 };

/** What a socket's file mode may be. */
export const modeBounds: Bounds = { min: 0, max: 0o777 };
