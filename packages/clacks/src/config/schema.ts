import type { UserConfig } from '../auth/users.ts';
import type { LogLevel } from './log-level.ts';

export type { LogLevel } from './log-level.ts';
export type { UserConfig } from '../auth/users.ts';

/** The files of TLS, as paths. */
export interface TlsFiles {
  /** The certificate (chain), PEM. */
  readonly certFile: string;
  /** Its private key, PEM. */
  readonly keyFile: string;
  /** Certificates of those who may sign client certificates; clients need none without it. */
  readonly caFile: string | undefined;
  /** Whether clients must show a certificate that one of `caFile` signed; else they may. */
  readonly requireClientCert: boolean;
}

/** The node that this one links to (protocol 9): by `ip` and `port`, or by `socket`. */
export interface MasterConfig {
  /** IP address or host name; `undefined` if the link goes over `socket`. */
  readonly ip: string | undefined;
  readonly port: number;
  /** Path of the master's unix socket; `undefined` if the link goes over `ip`. */
  readonly socket: string | undefined;
  /** Certificates that the master's one must be signed by. */
  readonly caFile: string | undefined;
  /** The SHA-256 fingerprint that the master's certificate must have, as `AB:CD:…`. */
  readonly fingerprint: string | undefined;
  /** The own certificate, for a master that asks for one, and its key. */
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  /** Whether to take any certificate. */
  readonly insecure: boolean;
  /** What becomes of own entries on connecting: newest wins, or dropped (protocol 10.5). */
  readonly sync: 'merge' | 'replace';
}

/** Where clients get in by WebSocket, pages of browsers for instance. */
export interface WebSocketConfig {
  /** Whether it is on the admin HTTP, in place of addresses of its own. */
  readonly http: boolean;
  /** Addresses to listen on. */
  readonly ips: readonly string[];
  /** TCP port for all of them; 0 = any free one. */
  readonly port: number;
  /** Whether there is TLS; without it, the addresses are of this machine itself. */
  readonly tls: boolean;
  /**
   * Where pages may come from, such as `https://house.example`; with none, from the host that they
   * ask, whatever its port.
   */
  readonly origins: readonly string[];
}

/** The admin HTTP: health, metrics, pages and their API. */
export interface HttpConfig {
  /** Address to listen on. */
  readonly ip: string;
  /** 0 = any free one. */
  readonly port: number;
  /**
   * Whether to use TLS; `undefined` for: if it has a certificate of its own, or others than this
   * machine can reach it.
   */
  readonly tls: boolean | undefined;
  /** Whether a proxy on this machine may say who asks, and whether it is over TLS. */
  readonly trustProxy: boolean;
  /** Certificate and key, PEM; without them, with TLS, those of the node count. */
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
}

/**
 * Everything a server is told, checked and with the defaults filled in. Times are milliseconds,
 * sizes are bytes.
 */
export interface ServerConfig {
  /** What the server calls itself in its log. */
  readonly appName: string;
  /** How much is logged; `undefined` leaves that to the logger that the server is given. */
  readonly logLevel: LogLevel | undefined;
  /** Addresses to listen on with TLS. */
  readonly ips: readonly string[];
  /** TCP port for all `ips`; 0 = any free one. */
  readonly port: number;
  /** Paths of unix sockets to listen on, without TLS. */
  readonly sockets: readonly string[];
  /** File mode for the sockets, such as 0o777; `undefined` leaves them as they are made. */
  readonly socketMode: number | undefined;
  /** Commands to run when the sockets are there, before anybody is served. */
  readonly socketCommands: readonly string[];
  /** WebSockets, if there are to be any. */
  readonly webSocket: WebSocketConfig | undefined;
  /** Certificate and key: there whenever there are `ips`, or WebSockets with TLS. */
  readonly tls: TlsFiles | undefined;
  /** Who may log in. The first is the main user. */
  readonly users: readonly UserConfig[];
  /** The node to link to, if any. */
  readonly master: MasterConfig | undefined;
  /** Where the admin HTTP listens, if it does. */
  readonly http: HttpConfig | undefined;
  /** A client that sends no PING for so long is closed. */
  readonly pingTimeoutMs: number;
  /** A link on which no PING or KEYSYNC comes for so long is closed. */
  readonly interclacksPingTimeoutMs: number;
  /** Longest pause before the next attempt to reach the master. */
  readonly interclacksReconnectTimeoutMs: number;
  /** A connection that has not logged in after so long is closed. */
  readonly authTimeoutMs: number;
  /** A client that accepts none of the bytes waiting for it for so long is closed. */
  readonly stalledWriteTimeoutMs: number;
  /** Likewise for a link. */
  readonly interclacksStalledWriteTimeoutMs: number;
  /** How long a tombstone is kept. */
  readonly deletedCacheTimeMs: number;
  /** Entries not accessed for so long are forgotten; 0 = never. */
  readonly staleCacheTimeMs: number;
  /** Pause between two searches for old entries. */
  readonly cacheCleanIntervalMs: number;
  /** Path of the file that the cache is kept in, if any. */
  readonly persistenceFile: string | undefined;
  /** Pause between two writes of that file. */
  readonly persistenceIntervalMs: number;
  /** Longest accepted line, without its line end. */
  readonly maxLineLength: number;
  /** Most unsent bytes kept for one connection. */
  readonly maxOutbuffer: number;
  /** Most unsent bytes kept for all connections together, before reading pauses. */
  readonly maxBuffered: number;
  /** Most connections at a time; 0 = no limit. */
  readonly maxConnections: number;
  /** Most connections at a time from one IP address; 0 = no limit. */
  readonly maxConnectionsPerHost: number;
  /** Most names and patterns that one connection listens to. */
  readonly maxNames: number;
  /** Most lines a second of one user, all its connections together; 0 = no limit. */
  readonly maxMessagesPerSecond: number;
  /** Most entries of the cache, tombstones included; 0 = no limit. */
  readonly maxCacheEntries: number;
  /** Most memory that they take, about; 0 = no limit. */
  readonly maxCacheBytes: number;
  /** What to tell the operator at start, a line each: settings that have no effect here. */
  readonly notices: readonly string[];
}
