import type { CacheTimes } from './cache-times.ts';
import type { CacheLimits } from './entry-table.ts';
import type { SessionTimeouts } from './timeouts.ts';

/** Limits and times of a broker, which can be others while it works. */
export interface BrokerSettings extends CacheTimes, CacheLimits, SessionTimeouts {
  /** How often old cache entries are looked for, in ms. */
  readonly cacheCleanIntervalMs: number;
  /** How long changes of the cache may wait until they are kept, in ms. */
  readonly persistenceIntervalMs: number;
  /** Most names and patterns that one connection may listen to. */
  readonly maxNames: number;
  /** Most lines a second of one user, unless its login says otherwise; 0 = no limit. */
  readonly maxMessagesPerSecond: number;
}
