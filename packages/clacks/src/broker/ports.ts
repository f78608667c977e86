import type { CloseReason } from './close-reason.ts';
import type { CacheContext, CacheEntry } from './entry.ts';
import type { Permissions } from './permissions.ts';
import type { PersistenceEvents } from './persistence.ts';

export type { CloseReason } from './close-reason.ts';
export type { Counter } from './counter.ts';
export type { CacheEntry } from './entry.ts';
export type { Permissions } from './permissions.ts';

/** How a connection came in: `http` is one of the admin HTTP, for somebody who uses its pages. */
export type TransportKind = 'tls' | 'unix' | 'websocket' | 'http';

/** What is known of a connection before it logs in. */
export interface ConnectionFacts {
  readonly transport: TransportKind;
  /** The peer's IP address, or `unixdomainsocket`. */
  readonly host: string;
  /** What follows the host in the cid (protocol 5). */
  readonly port: string;
  /**
   * The subject of the client's TLS certificate, if it showed one that we trust: as in RFC 4514, but
   * in the order of the certificate, such as `O=House,CN=sensor`. What would have a meaning in it is
   * escaped, so that no value can pretend to be another part.
   */
  readonly certificateSubject?: string;
}

/**
 * Decides about a login. The signal is aborted when the connection ends before it is decided, or the
 * time to log in (`authTimeoutMs`) is over.
 *
 * @returns What the login may do, or `undefined` to refuse it; or a promise of that. Throwing,
 * rejecting, or taking too long refuses this login only (`OVERHEAD E login_unavailable`).
 */
export type Authenticate = (
  username: string,
  password: string,
  connection: ConnectionFacts,
  signal: AbortSignal,
) => Permissions | undefined | Promise<Permissions | undefined>;

/** A connection as the broker sees it: somewhere to send lines to. */
export interface ConnectionPort {
  readonly facts: ConnectionFacts;
  /** The connection's name on this node: `host:port:serial` (protocol 5). */
  readonly cid: string;
  /** Bytes waiting to be sent. */
  readonly outbufferLength: number;
  /** Bytes received that are no complete line yet, or wait to be handled. */
  readonly inbufferLength: number;
  /** Since when the peer has accepted none of the bytes that wait for it; 0 if none wait. */
  readonly stalledSinceMs: number;
  /** When bytes were last handed to the network. Both times are monotonic ms. */
  readonly lastSentAtMs: number;
  /** Queues bytes, as a wire string of whole lines. Never blocks, never throws. */
  send(lines: string): void;
  /** Sends what is queued if the peer takes it, then closes. Only the first call counts. */
  close(reason: CloseReason): void;
  /**
   * Another node is at the other end, or no longer: it is never held up for what others have not
   * taken.
   */
  setLink(isLink: boolean): void;
  /** Asks to be called again for lines that were left unread while a session was held. */
  resume(): void;
}

/** Where a session takes its lines from. */
export interface LineSource {
  /** How many lines {@link withAlike} took, when it last took any, besides the one that it was given. */
  readonly alike: number;
  /** The next complete line without its line end, or `undefined` if there is none yet. */
  next(): string | undefined;
  /**
   * Takes the lines that follow the last one as well, as long as they begin in the same way and can
   * be handled now.
   *
   * @param line - The last line.
   * @param headLength - How many of its bytes count, its line end included.
   * @returns All of them, as they came in, without the line end of the last.
   */
  withAlike(line: string, headLength: number): string;
  /** Whether the next line can be handled now: to be asked before each of {@link asBytes}. */
  mayGoOn(): boolean;
  /** The same lines as they came in; `undefined` if the next one has to be taken with {@link next}. */
  asBytes(): ByteSource | undefined;
}

/** Lines as they came in, for who can handle some without having them cut out. */
export interface ByteSource {
  /** All that is there. It does not change. */
  readonly bytes: Uint8Array;
  /** Where the next line begins. */
  readonly position: number;
  /** So many lines were handled: the next one begins there. */
  skipTo(position: number, lines: number): void;
}

/** What all entries have in common, as it is kept beyond the process. */
export interface StoredContext extends CacheContext {
  /** The other node's clock that the times of the entries are by, if they are by one. */
  readonly clock: string | undefined;
  /** What that is ahead of this node's clock, in ms. */
  readonly clockOffsetMs: number;
}

/** Stands for all entries that were kept before. */
export const everything: unique symbol = Symbol('everything');

/** What is to be kept: an entry as it is now, or that one is gone, by its name, or all of them. */
export type Change = CacheEntry | string | typeof everything;

/** Where entries are kept beyond the process. */
export interface Store {
  /**
   * Begins to write changes in that order, all of them or none. Ends with a call of `saved` of the
   * broker, not from within. No other call comes until then.
   *
   * @param changes - An empty name stands for nothing.
   */
  save(changes: readonly Change[], context: StoredContext): void;
}

/** What the broker tells its surroundings about. */
export interface BrokerEvents extends PersistenceEvents {
  /** A login was refused, or checking it failed (then with the error). */
  loginFailed(connection: ConnectionPort, username: string, error?: unknown): void;
  /** A login succeeded. */
  loggedIn(cid: string, username: string): void;
  /** A client reported an error, with OVERHEAD E. */
  errorReceived(cid: string, text: string): void;
  /**
   * A client with the permission asked for the configuration to be read anew.
   *
   * @param done - To be called when that is over, not from within: why it failed, if it did, and the
   * names of settings that need a restart.
   */
  reloadRequested(
    cid: string,
    done: (failure: string | undefined, needsRestart: readonly string[]) => void,
  ): void;
  /** A client with the permission asked for the node to shut down now. */
  shutdownRequested(cid: string): void;
  /** Entries of the cache were forgotten because there are too many. */
  evicted(entries: number): void;
}
