import type { BufferBudget } from './buffer-budget.ts';
import type { Flusher } from './flusher.ts';
import type { Turns } from './turns.ts';

/** What a connection may bring and hold, in bytes. */
export interface LineLimits {
  /** Longest accepted line. */
  readonly maxLineLength: number;
  /** Most unsent bytes of one connection that is no link. */
  readonly maxOutbuffer: number;
  /** Most unsent bytes of a link. */
  readonly maxBuffered: number;
}

/** What the connections of a node share. */
export interface ConnectionShared {
  readonly flusher: Flusher;
  readonly budget: BufferBudget;
  readonly turns: Turns;
  /** Read each time: see `Connection.limitsChanged`. */
  readonly limits: LineLimits;
}
