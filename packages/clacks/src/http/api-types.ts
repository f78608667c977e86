/**
 * What the API of the admin HTTP sends and takes (docs/admin-http.md), for the page and other
 * programs. Times are ms since 1970, unless they are told to be something else; names and values are
 * text, in which bytes that are no UTF-8 are U+FFFD.
 */

/** Every answer with a status from 400 on. */
export interface ApiError {
  /** A word to match. */
  readonly error: ApiErrorCode;
  /** The same for people. */
  readonly message: string;
}

/** Words of {@link ApiError}. */
export type ApiErrorCode =
  /** What was sent makes no sense. */
  | 'bad_request'
  /** Nobody is logged in, or not any more. */
  | 'not_logged_in'
  /** Wrong username or password. */
  | 'login_failed'
  /** The login could not be checked. */
  | 'login_unavailable'
  /** The user may not do that. */
  | 'permission_denied'
  /** A change that does not come from a page of this server. */
  | 'foreign_origin'
  | 'not_found'
  | 'method_not_allowed'
  /** The body is too long. */
  | 'too_large'
  /** Too many sessions, or streams. */
  | 'too_many'
  /** The node starts or stops, did not answer in time, or is busy with earlier lines of the console. */
  | 'unavailable'
  | 'internal';

/** `POST /api/login` */
export interface ApiLogin {
  readonly username: string;
  readonly password: string;
}

/** `GET /api/session`, and the answer to a login: who is logged in, and what that one may do. */
export interface ApiSession {
  readonly username: string;
  /** Whether it may see and read; change the cache of some names at least; manage the node. */
  readonly read: boolean;
  readonly write: boolean;
  readonly manage: boolean;
}

/** `GET /api/session` if nobody is logged in. */
export interface ApiNobody {
  readonly username: null;
  /** Whether somebody was when the server stopped, which knows of no session then. */
  readonly isForgotten: boolean;
}

/** `GET /healthz` */
export interface ApiHealth {
  readonly status: 'ok';
}

/** Why a node is not ready. */
export type ApiReadinessProblem =
  /** It starts, or stops. */
  | 'not_listening'
  /** It has a master, and does not know what that one knows. */
  | 'not_synchronised'
  /** Changes of the cache cannot be kept on the disk now. */
  | 'store_not_writable';

/** `GET /readyz`, with status 503 if it is not. */
export interface ApiReadiness {
  readonly status: 'ready' | 'not ready';
  /** Why not; only for who is logged in. */
  readonly problems?: readonly ApiReadinessProblem[];
}

/** How much went through in a second. */
export interface ApiRates {
  readonly linesReceivedPerS: number;
  readonly linesSentPerS: number;
  readonly bytesReceivedPerS: number;
  readonly bytesSentPerS: number;
}

/** What a node did in a second, and held at its end: `GET /api/history`, the oldest first. */
export interface ApiSample extends ApiRates {
  readonly atMs: number;
  /** How much later than it should the event loop came to its work. */
  readonly eventLoopDelayP50Ms: number;
  readonly eventLoopDelayP99Ms: number;
  readonly eventLoopDelayMaxMs: number;
  /** The longest commit of the store; 0 if there was none. */
  readonly storeCommitMaxMs: number;
  readonly connections: number;
  readonly cacheEntries: number;
  readonly bufferedBytes: number;
}

/** `GET /api/overview`, and the event `overview` of the stream. */
export interface ApiOverview {
  readonly name: string;
  readonly version: string;
  readonly nodeId: string;
  readonly startedAtMs: number;
  readonly uptimeMs: number;
  /** `root` of a tree, or of no tree; `slave` if it has a master. */
  readonly role: 'root' | 'slave';
  readonly isReady: boolean;
  readonly problems: readonly ApiReadinessProblem[];
  readonly connections: {
    readonly open: number;
    readonly byTransport: Readonly<Record<string, number>>;
  };
  readonly links: number;
  /** Names and patterns that are listened to, of all connections together. */
  readonly listens: number;
  readonly cache: { readonly entries: number; readonly bytes: number };
  readonly bufferedBytes: number;
  /** What went wrong since it was started. */
  readonly sinceStart: {
    /** Connections closed because they took too little of what waited for them. */
    readonly slowConsumersCut: number;
    readonly loginsFailed: number;
    /** Commands refused because of a permission. */
    readonly commandsDenied: number;
  };
  /** The last second; all 0 at first. */
  readonly lastSecond: ApiSample;
}

/** One connection: `GET /api/connections`. Needs `manage`. */
export interface ApiConnection extends ApiRates {
  /** What names it on this node (cid). */
  readonly id: string;
  /** What it calls itself. */
  readonly name: string;
  readonly username: string;
  readonly transport: string;
  readonly address: string;
  readonly sinceMs: number;
  readonly state: 'greeted' | 'authenticating' | 'ready' | 'closing';
  readonly isLink: boolean;
  readonly isMonitor: boolean;
  /** Names and patterns that it listens to. */
  readonly listens: number;
  readonly linesReceived: number;
  readonly linesSent: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /** Bytes that wait to be sent to it, and that it sent and that are not handled. */
  readonly outbufferBytes: number;
  readonly inbufferBytes: number;
}

/** What one connection listens to, in byte order: `GET /api/connections/names`. Needs `manage`. */
export interface ApiConnectionNames {
  /** Names and patterns, but for those that the user may know nothing of. */
  readonly items: readonly string[];
  /** What to ask for next with `after`; absent at the end. */
  readonly next?: string;
}

/** A part of a list. */
export interface ApiPage<Item> {
  /** How many there are in all that fit. */
  readonly total: number;
  readonly offset: number;
  readonly items: readonly Item[];
}

/** What connections can be sorted by. */
export type ApiConnectionOrder =
  | 'id'
  | 'name'
  | 'username'
  | 'address'
  | 'sinceMs'
  | 'listens'
  | 'linesReceivedPerS'
  | 'linesSentPerS'
  | 'bytesReceivedPerS'
  | 'bytesSentPerS'
  | 'outbufferBytes';

/** A link to another node, as this one knows it. */
export interface ApiLink {
  /** What the other node is to this one. */
  readonly direction: 'master' | 'slave';
  readonly connectionId: string;
  readonly address: string;
  /** What the other node calls itself. */
  readonly name: string;
  /** Its name for this run; absent of one of Net::Clacks. */
  readonly nodeId?: string;
  readonly state: 'authenticating' | 'locked' | 'syncing' | 'live';
  /** How long a line there and back took last; absent if it was not measured. */
  readonly lagMs?: number;
  /** This node's clock minus the other's; absent as long as it is not known. */
  readonly clockOffsetMs?: number;
}

/** `GET /api/nodes`: the tree as far as this node knows it. */
export interface ApiNodes {
  readonly self: Pick<ApiOverview, 'name' | 'version' | 'nodeId' | 'role'>;
  /** Names of the nodes above it, from the root on, as far as they are ours. */
  readonly above: readonly string[];
  /** Where the master is, if it has one, whether they are linked or not. */
  readonly master?: { readonly address: string; readonly isLinked: boolean };
  /** Links to the master and to slaves. */
  readonly links: readonly ApiLink[];
}

/** A name that signals were sent for: `GET /api/names`. */
export interface ApiName {
  readonly name: string;
  readonly signalsPerS: number;
  readonly bytesPerS: number;
  /** How many connections listen to it, by itself or by a pattern. */
  readonly listeners: number;
}

/** `GET /api/names`: the busiest first, as counted in the last seconds. */
export interface ApiNames {
  /** How long was counted for; 0 right after the first question. */
  readonly windowMs: number;
  /** Signals a second of names that there were too many of to count them. */
  readonly othersPerS: number;
  readonly items: readonly ApiName[];
}

/** A child of a place in the cache. */
export type ApiCacheChild =
  /** A value: `Kitchen::Temperature`. */
  | { readonly kind: 'value'; readonly name: string; readonly label: string }
  /** Names that go on: all those that begin with `Kitchen::`. */
  | {
      readonly kind: 'group';
      readonly prefix: string;
      readonly label: string;
      readonly count: number;
    };

/** `GET /api/cache/children`: in byte order. */
export interface ApiCacheChildren {
  readonly prefix: string;
  /** Names that begin with it. */
  readonly count: number;
  readonly items: readonly ApiCacheChild[];
  /** What to ask for next with `after`; absent at the end. */
  readonly next?: string;
}

/** `GET /api/cache/search`: names that hold a text. */
export interface ApiCacheSearch {
  readonly items: readonly string[];
  /** What to ask for next with `after`; absent at the end. */
  readonly next?: string;
}

/** `GET /api/cache/value` */
export interface ApiCacheValue {
  readonly name: string;
  /** As it is on the wire (protocol 8), as text if it is UTF-8, else as base64. */
  readonly encoding: 'text' | 'base64';
  readonly value: string;
  /** Its length, of which no more than the first MiB is in `value`. */
  readonly bytes: number;
  readonly isTruncated: boolean;
  readonly isCounter: boolean;
  readonly writtenAtMs: number;
  readonly usedAtMs: number;
}

/** `PUT /api/cache/value` */
export interface ApiCacheWrite {
  readonly name: string;
  /** One line of text; or, as base64, any bytes: those are stored as protocol 8 has it. */
  readonly value: string;
  readonly encoding?: 'text' | 'base64';
}

/** Answer to a change of the cache. */
export interface ApiCacheWritten {
  /** Whether it is on the disk as well, where the cache is kept; else why not. */
  readonly isKept: boolean;
  readonly reason?: string;
}

/** `POST /api/console` */
export interface ApiConsoleInput {
  /** Lines of the protocol, without line ends. */
  readonly lines: readonly string[];
}

/** Answer of the console; `GET /api/console` has what came since the last one. */
export interface ApiConsoleOutput {
  readonly lines: readonly string[];
  /** Lines that came and were left out. */
  readonly leftOut: number;
  /** Whether its connection was closed; the next line opens another one. */
  readonly isClosed: boolean;
}

/** A line of the log. */
export interface ApiLogEntry {
  /** Counts up. */
  readonly serial: number;
  readonly atMs: number;
  readonly level: string;
  readonly message: string;
  /** Everything else, as JSON. */
  readonly details: string;
}

/** `GET /api/logs`: the newest last. */
export interface ApiLogs {
  readonly items: readonly ApiLogEntry[];
}

/** A signal. */
export interface ApiSignal {
  readonly atMs: number;
  readonly type: 'notify' | 'set';
  readonly name: string;
  /** Of `set`: as text, its first KiB. */
  readonly value?: string;
  /** Length of the whole value in bytes, of `set`. */
  readonly bytes?: number;
  /** Signals of that name that came since the event before, this one included. */
  readonly count: number;
}

/** The event `signals` of the stream. */
export interface ApiSignals {
  /** The newest of each name. */
  readonly items: readonly ApiSignal[];
  /** Signals that came since the event before. */
  readonly seen: number;
  /** Those of them that are not shown. */
  readonly leftOut: number;
}
