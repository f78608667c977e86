import { assertSingleLine, defaultMaxLineLength, defaultPort } from '@clacks/protocol';
import type { WebSocketConstructor } from './transports/websocket-like.ts';

/** How to know the server's certificate. By default it must be signed by an authority of the system. */
export interface TlsOptions {
  /** Certificates, PEM, that the server's one must be signed by, or be. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** The SHA-256 fingerprint of the server's certificate, with or without colons. */
  readonly fingerprint?: string;
  /** Takes any certificate: whoever is in between can read and change everything. */
  readonly insecure?: boolean;
  /** The name that the certificate must be for, if it is not the host. */
  readonly servername?: string;
  /** This client's own certificate, PEM. */
  readonly cert?: string | Uint8Array;
  /** The private key of {@link cert}, PEM. */
  readonly key?: string | Uint8Array;
}

/** When to try again after a connection was lost. */
export interface ReconnectOptions {
  /** Pause before the second attempt, in ms; it doubles with each one. Default 100. */
  readonly initialDelayMs?: number;
  /** Longest pause, in ms. Default 30,000. */
  readonly maxDelayMs?: number;
}

/** What {@link connect} is told. */
export interface ConnectOptions {
  /** The server's host name or IP address. Default `127.0.0.1`. */
  readonly host?: string;
  /** The server's TCP port. Default 49888. */
  readonly port?: number;
  /** Path of the server's unix socket, in place of host and port. There is no TLS on it. */
  readonly path?: string;
  /**
   * The server's WebSocket, in place of host and port, such as `wss://house.example/clacks`. It is the
   * only way from a page of a browser. Whose certificate is trusted is the browser's matter.
   */
  readonly url?: string;
  /**
   * What makes WebSockets for {@link url}. Default: what the browser has, or Node.js from version 22
   * on; with older ones it is `WebSocket` of the package `ws`.
   */
  readonly WebSocket?: WebSocketConstructor;
  readonly username: string;
  /** May be left out with {@link TlsOptions.cert}, where that is what the server wants to see. */
  readonly password?: string | undefined;
  /** What this client is called in the server's list of clients. Default `clacks-ts client`. */
  readonly name?: string;
  readonly tls?: TlsOptions | undefined;
  /**
   * Drops a `set()` whose value is the one set last under that name on this connection. Default
   * false.
   */
  readonly caching?: boolean;
  /**
   * Sends the pings that keep the connection open. Default true. With false the program calls
   * `ping()` itself: that proves that its main loop is alive.
   */
  readonly autoPing?: boolean;
  /** Time between two pings, in ms. Default 60,000. */
  readonly pingIntervalMs?: number;
  /**
   * When nothing at all was received for so long, the server is asked for a sign of life, in ms.
   * Without one within {@link requestTimeoutMs} the connection counts as lost. Default 90,000.
   */
  readonly idleTimeoutMs?: number;
  /** How long a request may take, in ms. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** How long connecting and logging in may take, in ms. Default 15,000. */
  readonly connectTimeoutMs?: number;
  /** Whether and when to connect again after the connection was lost. Default: true, for ever. */
  readonly reconnect?: boolean | ReconnectOptions;
  /**
   * What becomes of what is written while there is no connection: `queue` keeps it and sends it on
   * reconnecting, `reject` rejects at once. Default `queue`.
   */
  readonly offline?: 'queue' | 'reject';
  /** Most bytes kept while there is no connection. Default 1 MiB. */
  readonly offlineQueueBytes?: number;
  /** Most bytes that wait for a server that reads slowly. Default 64 MiB. */
  readonly outboxBytes?: number;
  /**
   * About once an hour, sends the name of somebody to be remembered through the clacks
   * (protocol 6). Default: Ivy Bdubs, Terry Pratchett, Sven Guckes, Sheila. `false` switches it off.
   */
  readonly remember?: string | readonly string[] | false;
  /**
   * Longest line that is sent, in bytes: the server's `maxlinelength`. It closes the connection of
   * who sends a longer one. Default 16 MiB.
   */
  readonly maxLineLength?: number;
  /**
   * Whether `connect()` waits for a server that cannot be reached yet, and tries again as after a
   * loss, rather than throwing. Default false.
   */
  readonly waitForServer?: boolean;
  /** Gives up connecting when it is aborted. Has no effect on the connected client. */
  readonly signal?: AbortSignal;
}

/** Options with all defaults filled in. */
export interface Settings {
  readonly endpoint:
    | {
        readonly kind: 'tls';
        readonly host: string;
        readonly port: number;
        readonly tls: TlsOptions;
      }
    | { readonly kind: 'unix'; readonly path: string }
    | {
        readonly kind: 'websocket';
        readonly url: string;
        readonly WebSocket: WebSocketConstructor;
      };
  readonly username: string;
  readonly password: string;
  readonly name: string;
  readonly caching: boolean;
  readonly autoPing: boolean;
  readonly pingIntervalMs: number;
  readonly idleTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly reconnect: boolean;
  readonly retry: Required<ReconnectOptions>;
  readonly waitForServer: boolean;
  readonly offline: 'queue' | 'reject';
  readonly offlineQueueBytes: number;
  readonly outboxBytes: number;
  readonly maxLineLength: number;
  readonly remember: readonly string[];
}

const defaultRemembered = ['Ivy Bdubs', 'Terry Pratchett', 'Sven Guckes', 'Sheila'];
const mebibyte = 1024 * 1024;

/** The longest time a timer can wait for, in ms. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Checks that a timer can wait for so long.
 *
 * @throws TypeError if it cannot.
 */
export const assertTimerMs = (timeMs: number, name: string): void => {
  if (timeMs > 0 && timeMs <= longestTimerMs) return;
  throw new TypeError(
    `${name} is a number of milliseconds above 0 and up to ${longestTimerMs}, not ${timeMs}.`,
  );
};

const times = (options: ConnectOptions) => ({
  pingIntervalMs: options.pingIntervalMs ?? 60_000,
  idleTimeoutMs: options.idleTimeoutMs ?? 90_000,
  requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
  connectTimeoutMs: options.connectTimeoutMs ?? 15_000,
});

const retryTimes = (reconnect: boolean | ReconnectOptions): Required<ReconnectOptions> => {
  const { initialDelayMs = 100, maxDelayMs = 30_000 } =
    typeof reconnect === 'boolean' ? {} : reconnect;
  return { initialDelayMs, maxDelayMs };
};

const remembered = ({ remember = defaultRemembered }: ConnectOptions): readonly string[] => {
  if (remember === false) return [];
  return typeof remember === 'string' ? [remember] : remember;
};

const webSocketEndpoint = (url: string, options: ConnectOptions): Settings['endpoint'] => {
  const { host, port, path, tls } = options;
  if ([host, port, path, tls].some((value) => value !== undefined)) {
    throw new TypeError('Give either a url, or a host and port, or a path; tls is not for a url.');
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  // What stands there may be a password: it is not repeated.
  if (parsed === undefined || !/^wss?:$/u.test(parsed.protocol) || parsed.hash !== '') {
    throw new TypeError('A url is that of a WebSocket, such as wss://house.example/clacks.');
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new TypeError('Username and password are options of their own, not parts of the url.');
  }
  const WebSocket =
    options.WebSocket ?? (globalThis as { readonly WebSocket?: WebSocketConstructor }).WebSocket;
  if (WebSocket === undefined) {
    throw new TypeError(
      'There is no WebSocket here: give WebSocket of the package ws as an option.',
    );
  }
  return { kind: 'websocket', url, WebSocket };
};

const endpointOf = (options: ConnectOptions): Settings['endpoint'] => {
  if (options.url !== undefined) return webSocketEndpoint(options.url, options);
  const { path, host = '127.0.0.1', port = defaultPort, tls = {} } = options;
  if (path === undefined) {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new TypeError(`A port is a whole number from 1 to 65535, not ${port}.`);
    }
    if (tls.fingerprint !== undefined && !fingerprintPattern.test(tls.fingerprint)) {
      throw new TypeError('A fingerprint is 32 bytes in hexadecimal, with or without colons.');
    }
    return { kind: 'tls', host, port, tls };
  }
  if (options.host !== undefined || options.port !== undefined) {
    throw new TypeError('Give either a path or a host and port.');
  }
  return { kind: 'unix', path };
};

const assertSettings = (settings: Settings): void => {
  const { pingIntervalMs, idleTimeoutMs, requestTimeoutMs, connectTimeoutMs } = settings;
  const timers = { pingIntervalMs, idleTimeoutMs, requestTimeoutMs, connectTimeoutMs };
  for (const [name, timeMs] of Object.entries({ ...timers, ...settings.retry })) {
    assertTimerMs(timeMs, name);
  }
  const { offlineQueueBytes, outboxBytes, maxLineLength } = settings;
  for (const [name, bytes] of Object.entries({ offlineQueueBytes, outboxBytes, maxLineLength })) {
    if (!(bytes >= 0)) throw new TypeError(`${name} is a number of bytes, not ${bytes}.`);
  }
  assertSingleLine(settings.name, 'The name of a client');
  for (const name of settings.remember) assertSingleLine(name, 'A name to be remembered');
};

const fingerprintPattern = /^(?:[0-9a-f]{2}:?){31}[0-9a-f]{2}$/iu;

/**
 * Checks options and fills in the defaults.
 *
 * @throws TypeError if something is missing or contradictory.
 */
export const resolveOptions = (options: ConnectOptions): Settings => {
  const { username, reconnect = {} } = options;
  const endpoint = endpointOf(options);
  const showsCertificate = endpoint.kind === 'tls' && endpoint.tls.cert !== undefined;
  const password = options.password ?? (showsCertificate ? '' : undefined);
  if (typeof username !== 'string' || typeof password !== 'string') {
    throw new TypeError(
      'username and password are needed to connect, or tls.cert in place of the password.',
    );
  }
  const settings: Settings = {
    ...times(options),
    endpoint,
    username,
    password,
    name: options.name ?? 'clacks-ts client',
    caching: options.caching ?? false,
    autoPing: options.autoPing ?? true,
    reconnect: reconnect !== false,
    retry: retryTimes(reconnect),
    waitForServer: options.waitForServer ?? false,
    offline: options.offline ?? 'queue',
    offlineQueueBytes: options.offlineQueueBytes ?? mebibyte,
    outboxBytes: options.outboxBytes ?? 64 * mebibyte,
    maxLineLength: options.maxLineLength ?? defaultMaxLineLength,
    remember: remembered(options),
  };
  assertSettings(settings);
  return settings;
};

/** Where a client connects to, for messages. */
export const describeEndpoint = ({ endpoint }: Settings): string => {
  switch (endpoint.kind) {
    case 'tls':
      return `${endpoint.host}:${endpoint.port}`;
    case 'unix':
      return endpoint.path;
    case 'websocket':
      return endpoint.url;
  }
};
