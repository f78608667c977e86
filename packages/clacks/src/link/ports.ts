import type { ConnectionPort } from '../broker/ports.ts';

/** How serious something is that is told about a link. */
export type ReportLevel = 'info' | 'warn' | 'error';

/** Whom the links tell what happens to them. */
export type Report = (
  level: ReportLevel,
  message: string,
  details: Readonly<Record<string, unknown>>,
) => void;

/** Times of links, which can be others while a node works. */
export interface LinkTimes {
  /** A link on which no PING or KEYSYNC comes for so long is closed, in ms. */
  readonly interclacksPingTimeoutMs: number;
  /** Longest pause before the next attempt to reach the master, in ms. */
  readonly interclacksReconnectTimeoutMs: number;
}

/** What a node is told about its place in the tree (protocol 9, 10.5). */
export interface InterclacksOptions extends LinkTimes {
  /** A name for the clock of this machine: two nodes with the same one need not compare theirs. */
  readonly clockId: string;
  readonly report: Report;
  /** A number from 0 up to 1, for pauses that differ between nodes. */
  readonly random: () => number;
  /** The node above this one, if there is one. */
  readonly master: MasterOptions | undefined;
}

/** What a node is told about its master. */
export interface MasterOptions {
  /** What messages call it. */
  readonly name: string;
  /** The token of this node's main user: the login at the master. */
  readonly token: string;
  /** Whether this node's own entries are merged or dropped when the link is made. */
  readonly sync: 'merge' | 'replace';
  /**
   * Begins to connect. Ends with a call of `dialed` or `dialFailed` of the {@link Interclacks}, not
   * from within.
   */
  readonly dial: () => void;
}

/** What a link to another node is made on. */
export type LinkPort = ConnectionPort;
