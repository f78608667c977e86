import type { Command } from '@clacks/protocol';
import type { Session } from './session.ts';

/** Where a link to another node stands (protocol 9). */
export type LinkState =
  /** Both sides log in. */
  | 'authenticating'
  /** The master sends what it has; nobody else is heard. */
  | 'locked'
  /** What this node has is on its way to the other one. */
  | 'syncing'
  /** Both know the same. */
  | 'live';

/** What a link looks like from outside. */
export interface LinkStatus {
  readonly state: LinkState;
  /** This node's clock minus the other's, in ms; `undefined` as long as that is not known. */
  readonly offsetMs: number | undefined;
  /** How long a line to the other node and back took last, in ms; `undefined` if it was not measured. */
  readonly lagMs: number | undefined;
}

/** A session's being a link to another node. */
export interface NodeLink {
  readonly status: LinkStatus;
  /**
   * A line came from the other node.
   *
   * @returns Whether that was all there is to do about it. If not, it is handled like a client's.
   */
  receive(command: Command, line: string): boolean;
  /** The session has ended. */
  ended(): void;
}

/** A node's links to others. */
export interface Links {
  /** When {@link tick} next has something to do, in monotonic ms. */
  readonly nextTickMs: number;
  /** Whether there is nobody to pass anything on to. */
  readonly isEmpty: boolean;
  /** A client that may do so wants to be a link, or to be one no longer. */
  requested(session: Session, isLink: boolean): void;
  /** A command that is passed on was executed for a session: tells the other nodes. */
  passOn(session: Session, command: Command, line: string): void;
  /** Does what is due. */
  tick(): void;
}

/** A node without links. */
export const unlinked: Links = {
  nextTickMs: Infinity,
  isEmpty: true,
  requested: (session) => {
    session.send('OVERHEAD E not_supported interclacks');
  },
  passOn: () => undefined,
  tick: () => undefined,
};
