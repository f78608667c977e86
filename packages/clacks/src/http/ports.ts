import type { Permissions, TransportKind } from '../broker/ports.ts';
import type { ApiConnection, ApiLink, ApiRates, ApiReadinessProblem } from './api-types.ts';

/** Whether a node serves clients. */
export type NodePhase = 'starting' | 'running' | 'stopping';

/** What does not change while a node runs. */
export interface NodeIdentity {
  readonly name: string;
  readonly version: string;
  readonly nodeId: string;
  readonly startedAtMs: number;
  /** Where its master is, if it has one. */
  readonly master: string | undefined;
}

/** What a node did since it was started, and holds now. Counts never go back. */
export interface NodeTotals {
  readonly openByTransport: Readonly<Record<TransportKind, number>>;
  readonly acceptedByTransport: Readonly<Record<TransportKind, number>>;
  readonly dialed: number;
  readonly closedByReason: Readonly<Record<string, number>>;
  /** Connections closed because they took too little of what waited for them. */
  readonly slowConsumersCut: number;
  readonly refusedByLimit: Readonly<Record<string, number>>;
  readonly tlsHandshakesFailed: number;
  readonly loginsSucceeded: number;
  readonly loginsFailed: number;
  readonly commandsDenied: number;
  readonly commandsUnknown: number;
  /** Names and patterns listened to, of all connections together. */
  readonly names: number;
  readonly patterns: number;
  readonly cacheEntries: number;
  readonly cacheBytes: number;
  readonly cacheEvicted: number;
  /** Unsent bytes of all connections. */
  readonly bufferedBytes: number;
  readonly isStoreWritable: boolean;
  /** Lines that came in, by verb, and their bytes, line ends included. */
  readonly linesReceived: ReadonlyMap<string, number>;
  readonly bytesReceived: ReadonlyMap<string, number>;
  /** Lines that went out, likewise: signals by their verb, all others as `other`. */
  readonly linesSent: ReadonlyMap<string, number>;
  readonly signalBytesSent: ReadonlyMap<string, number>;
  /** Bytes on the wire, below TLS. */
  readonly networkBytesReceived: number;
  readonly networkBytesSent: number;
}

/** A connection and what went through it. */
export type ConnectionState = Omit<ApiConnection, keyof ApiRates>;

/** A value of the cache. The value is a wire string. */
export interface CachedValue {
  readonly value: string;
  readonly writtenAtMs: number;
  readonly usedAtMs: number;
  readonly isCounter: boolean;
}

/** A connection inside the process, of somebody who has logged in over HTTP. */
export interface UserConnection {
  readonly id: string;
  /** Sends a wire string of whole lines. Does nothing once it is closed. */
  say(lines: string): void;
  close(): void;
}

/** Who takes what such a connection is sent. Calls may come from within its `say`. */
export interface UserConnectionHandler {
  /** A wire string of whole lines. */
  receive(lines: string): void;
  /** It is gone. Comes once. */
  closed(): void;
}

/** Names that somebody may read, as wire strings. */
export interface ReadableNames {
  allows(name: string): boolean;
  /** Whether all that a name or pattern stands for are among them. */
  covers(pattern: string): boolean;
}

/** Somebody who has logged in. */
export interface AdminUser {
  readonly username: string;
  /** Whether it still may be here: its user may be removed, or somebody disconnects it. */
  readonly isOpen: boolean;
  readonly mayRead: boolean;
  readonly mayWrite: boolean;
  readonly mayManage: boolean;
  /** Names that it may read, if it may not read all; the same object as long as they are the same. */
  readonly readable: ReadableNames | undefined;
  /**
   * Opens a connection with its permissions, as they are from time to time.
   *
   * @throws Problem if it is not there any more.
   */
  open(name: string, handler: UserConnectionHandler): UserConnection;
  /** Takes leave. */
  close(): void;
}

/** What becomes of a login. */
export type LoginResult = AdminUser | 'refused' | 'unavailable';

/** A node, as the admin HTTP sees it. */
export interface AdminPort {
  readonly phase: NodePhase;
  readonly identity: NodeIdentity;
  /** Why it is not ready. */
  readonly problems: readonly ApiReadinessProblem[];
  /** Changes whenever other users may log in than before. */
  readonly usersVersion: number;
  totals(): NodeTotals;
  links(): ApiLink[];
  /** Names of the nodes above, from the root on. */
  above(): readonly string[];
  connections(): Iterable<ConnectionState>;
  /** The names and patterns that a connection listens to; `undefined` if there is none of that id. */
  listensOf(id: string): Iterable<string> | undefined;
  /** How many connections listen to a name. */
  listenersOf(name: string): number;
  /** Names of all values, as wire strings. Some may come and go while it is gone through. */
  cacheKeys(): Iterable<string>;
  cached(name: string): CachedValue | undefined;
  /**
   * Hands out all signals from now on, as wire strings: lines of one name each.
   *
   * @returns Ends it.
   */
  tap(receive: (lines: string) => void): () => void;
  /** Checks a login. The signal gives it up. */
  login(
    username: string,
    password: string,
    address: string,
    signal: AbortSignal,
  ): Promise<LoginResult>;
}

/** What users may do at all. */
export type { Permissions };
