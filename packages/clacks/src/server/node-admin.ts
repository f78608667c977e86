import { textFromWire } from '@clacks/protocol';
import type { Broker } from '../broker/broker.ts';
import { accessTimeOf } from '../broker/entry.ts';
import { rightsOf } from '../broker/permissions.ts';
import type { Authenticate, BrokerEvents, ConnectionPort } from '../broker/ports.ts';
import { Session } from '../broker/session.ts';
import { microsPerMs } from '../broker/stamp.ts';
import type { ApiLink, ApiReadinessProblem } from '../http/api-types.ts';
import type {
  AdminPort,
  CachedValue,
  ConnectionState,
  LoginResult,
  NodeIdentity,
  NodePhase,
  NodeTotals,
} from '../http/ports.ts';
import type { Interclacks } from '../link/interclacks.ts';
import { LinkToMaster } from '../link/master-link.ts';
import { SlaveLink } from '../link/slave-link.ts';
import type { Turns } from '../net/turns.ts';
import type { ConnectionTable } from './connection-table.ts';
import { InternalConnection } from './internal-connection.ts';
import type { InternalHandler } from './internal-connection.ts';
import { totalsOf } from './node-totals.ts';
import { NodeUser } from './node-user.ts';
import type { OpenInternal } from './node-user.ts';
import type { ServerStatistics, Statistics } from './statistics.ts';

/** What of a node the admin HTTP may see and use. */
export interface NodeAdminOptions {
  readonly identity: Omit<NodeIdentity, 'startedAtMs'>;
  readonly broker: Broker;
  readonly interclacks: Interclacks;
  readonly connections: ConnectionTable;
  readonly statistics: Statistics;
  /** As it is now. */
  readonly snapshot: () => ServerStatistics;
  readonly authenticate: Authenticate;
  readonly events: Pick<BrokerEvents, 'loginFailed' | 'loggedIn'>;
  /** Read each time. */
  readonly settings: { readonly maxLineLength: number; readonly authTimeoutMs: number };
  /** Those of all connections. */
  readonly turns: Turns;
  readonly wakeTicker: () => void;
}

const everyName = '**';
const tapAddress = 'tap';

/** A port that nothing is known of: for logins that fail, and for who is no connection. */
const portOf = (
  address: string,
  id: string,
  send: (lines: string) => void = () => undefined,
): ConnectionPort => ({
  facts: { transport: 'http', host: address, port: id },
  cid: `${address}:${id}`,
  outbufferLength: 0,
  inbufferLength: 0,
  stalledSinceMs: 0,
  lastSentAtMs: 0,
  send,
  close: () => undefined,
  setLink: () => undefined,
  resume: () => undefined,
});

/** A node, as the admin HTTP sees it. */
export class NodeAdmin implements AdminPort {
  readonly identity: NodeIdentity;
  phase: NodePhase = 'starting';
  /** Called when the store has written something, with how long that took in ms. */
  storeCommitted: (tookMs: number) => void = () => undefined;
  usersVersion = 0;
  readonly #options: NodeAdminOptions;
  #authenticate: Authenticate;
  #serial = 0;

  constructor(options: NodeAdminOptions) {
    this.#options = options;
    this.#authenticate = options.authenticate;
    this.identity = { ...options.identity, startedAtMs: Date.now() };
  }

  /**
   * Others may log in from now on.
   *
   * @param changedLogins - Who has logged in as one of them has to do so again.
   */
  usersChanged(authenticate: Authenticate, changedLogins: ReadonlySet<string>): void {
    this.#authenticate = authenticate;
    this.usersVersion++;
    for (const session of [...this.#options.broker.sessions.values()]) {
      const isOurs = session.port instanceof InternalConnection;
      if (isOurs && changedLogins.has(session.username)) session.close('login_changed');
    }
  }

  get problems(): readonly ApiReadinessProblem[] {
    const { identity, statistics } = this.#options;
    const isSynchronised =
      identity.master === undefined ||
      this.links().some(({ direction, state }) => direction === 'master' && state === 'live');
    return [
      ...(this.phase === 'running' ? [] : (['not_listening'] as const)),
      ...(isSynchronised ? [] : (['not_synchronised'] as const)),
      ...(statistics.storeFailure === undefined ? [] : (['store_not_writable'] as const)),
    ];
  }

  totals(): NodeTotals {
    const { broker, connections, snapshot, statistics } = this.#options;
    return totalsOf(broker, snapshot(), connections, statistics.storeFailure === undefined);
  }

  links(): ApiLink[] {
    const links: ApiLink[] = [];
    for (const { link, port, clientInfo } of this.#options.broker.sessions.values()) {
      if (!(link instanceof SlaveLink) && !(link instanceof LinkToMaster)) continue;
      const { state, lagMs, offsetMs } = link.status;
      const nodeId = link.peer?.nodeId;
      links.push({
        direction: link instanceof SlaveLink ? 'slave' : 'master',
        connectionId: port.cid,
        address: port.facts.host,
        name: textFromWire(clientInfo),
        state,
        ...(nodeId !== undefined && { nodeId }),
        ...(lagMs !== undefined && { lagMs }),
        ...(offsetMs !== undefined && { clockOffsetMs: offsetMs }),
      });
    }
    return links;
  }

  above(): readonly string[] {
    return this.#options.interclacks.path.slice(0, -1);
  }

  *connections(): Generator<ConnectionState> {
    const { broker } = this.#options;
    for (const session of broker.sessions.values()) yield this.#stateOf(session);
  }

  listensOf(id: string): Iterable<string> | undefined {
    return this.#options.broker.sessions.get(id)?.names;
  }

  listenersOf(name: string): number {
    const listeners = this.#options.broker.listeners.of(name);
    return listeners.filter(({ port }) => port.facts.host !== tapAddress).length;
  }

  *cacheKeys(): Generator<string> {
    for (const { name, value } of this.#options.broker.cache.entries()) {
      if (value !== undefined) yield name;
    }
  }

  cached(name: string): CachedValue | undefined {
    const { broker } = this.#options;
    const { cache } = broker;
    const entry = cache.entry(name);
    if (entry?.value === undefined) return undefined;
    const wallMs = (timeUs: number): number =>
      (timeUs + cache.originUs) / microsPerMs - broker.clockOffsetMs;
    return {
      value: entry.value,
      isCounter: entry.counter !== undefined,
      writtenAtMs: wallMs(entry.cacheTimeUs),
      usedAtMs: wallMs(accessTimeOf(entry)),
    };
  }

  tap(receive: (lines: string) => void): () => void {
    const { listeners, monotonicMs, traffic } = this.#options.broker;
    const take = (lines: string): void => {
      // It is counted like everybody who listens, and nothing is sent to it.
      traffic.delivered(-1, lines.length);
      receive(lines);
    };
    // It is in no list of connections: it is nobody's.
    const session = new Session(portOf(tapAddress, '', take), monotonicMs);
    listeners.add(everyName, session);
    return () => {
      listeners.remove(everyName, session);
    };
  }

  async login(
    username: string,
    password: string,
    address: string,
    signal: AbortSignal,
  ): Promise<LoginResult> {
    const { events, settings } = this.#options;
    // Not AbortSignal.timeout(): Node.js 20 forgets it where AbortSignal.any() alone refers to it.
    const tooLate = new AbortController();
    const timer = setTimeout(() => {
      tooLate.abort(new Error('the login took longer than authtimeout'));
    }, settings.authTimeoutMs);
    const limit = AbortSignal.any([signal, tooLate.signal]);
    const port = portOf(address, this.#newId());
    const authenticate = this.#authenticate;
    try {
      const permissions = await authenticate(username, password, port.facts, limit);
      // Whom it asks may have been replaced meanwhile: then what was said does not count.
      if (authenticate !== this.#authenticate) {
        return await this.login(username, password, address, signal);
      }
      if (permissions !== undefined) {
        const user = new NodeUser(address, username, rightsOf(permissions), this.#open);
        events.loggedIn(port.cid, username);
        return user;
      }
    } catch (error) {
      events.loginFailed(port, username, error);
      return 'unavailable';
    } finally {
      clearTimeout(timer);
    }
    events.loginFailed(port, username);
    return 'refused';
  }

  #newId(): string {
    this.#serial++;
    return `http:${this.#serial}`;
  }

  readonly #open: OpenInternal = (address, user, handler) => {
    const { broker, settings, statistics, turns, wakeTicker } = this.#options;
    const { maxLineLength } = settings;
    const port = this.#newId();
    const facts = { transport: 'http', host: address, port, cid: `${address}:${port}` } as const;
    statistics.accepted.http++;
    statistics.open++;
    const counted: InternalHandler = {
      receive: (lines) => {
        handler.receive(lines);
      },
      closed: (reason) => {
        statistics.closed(reason);
        handler.closed(reason);
      },
    };
    const surroundings = { broker, maxLineLength, turns, wakeTicker };
    return new InternalConnection(facts, user, surroundings, counted);
  };

  #stateOf(session: Session): ConnectionState {
    const { broker, connections } = this.#options;
    const { port, link, state } = session;
    const open = connections.get(port.cid);
    const internal = port instanceof InternalConnection ? port : undefined;
    const { connection } = open ?? {};
    return {
      id: port.cid,
      name: textFromWire(session.clientInfo),
      username: session.username,
      transport: port.facts.transport,
      address: port.facts.host,
      sinceMs: open?.sinceMs ?? internal?.sinceMs ?? 0,
      state: state.kind,
      isLink: link !== undefined,
      isMonitor: broker.monitors.has(session),
      listens: session.names.size,
      linesReceived: connection?.linesReceived ?? internal?.linesReceived ?? 0,
      linesSent: session.linesSent,
      bytesReceived: connection?.bytesReceived ?? 0,
      bytesSent: connection?.bytesSent ?? 0,
      outbufferBytes: port.outbufferLength,
      inbufferBytes: port.inbufferLength,
    };
  }
}
