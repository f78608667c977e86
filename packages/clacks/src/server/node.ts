import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { Broker } from '../broker/broker.ts';
import { detach } from '../broker/detach.ts';
import type { Authenticate, BrokerEvents, TransportKind } from '../broker/ports.ts';
import type { ServerConfig } from '../config/schema.ts';
import { BufferBudget } from '../net/buffer-budget.ts';
import type { ByteStream } from '../net/byte-stream.ts';
import { certificateSubjectOf } from '../net/certificate-subject.ts';
import type { ConnectionShared } from '../net/connection-shared.ts';
import { Flusher } from '../net/flusher.ts';
import { guardSocket } from '../net/listener.ts';
import type { ListenerEvents } from '../net/listener.ts';
import { Interclacks } from '../link/interclacks.ts';
import type { TlsSettings } from '../net/tls-settings.ts';
import { Turns } from '../net/turns.ts';
import type { LmdbStore } from '../storage/lmdb-store.ts';
import { SocketGate, peerHost } from '../net/socket-gate.ts';
import { socketOf, WebSocketDoor } from '../net/websocket-door.ts';
import type { WebSocketEvents } from '../net/websocket-door.ts';
import type { UpgradeHandler } from './admin-http.ts';
import { attach, tellTime } from './attach.ts';
import type { Attachment, NamedFacts, OpenSession } from './attach.ts';
import { BoundedLog } from './bounded-log.ts';
import { brokerEvents } from './broker-events.ts';
import { ConnectionTable } from './connection-table.ts';
import { identification, packageVersion } from './identification.ts';
import { clockId, newNodeId } from './identity.ts';
import { listenerEvents } from './listener-events.ts';
import { NodeListeners } from './listeners.ts';
import type { ListenAddress } from './listeners.ts';
import { masterFacts } from './master.ts';
import type { LoginLog } from './login-log.ts';
import type { Master } from './master.ts';
import type { NodeChange } from './settings.ts';
import { Keeping } from './keeping.ts';
import { MeasuredStore } from './measured-store.ts';
import { NodeAdmin } from './node-admin.ts';
import { MasterDialer } from './master-dialer.ts';
import type { DialEvents } from './master-dialer.ts';
import { Statistics } from './statistics.ts';
import type { ServerStatistics } from './statistics.ts';
import { Ticker } from './ticker.ts';

/** What a {@link Node} is made with. */
export interface NodeOptions {
  readonly config: ServerConfig;
  readonly authenticate: Authenticate;
  readonly logger: Logger;
  readonly loginLog: LoginLog;
  /** The node to link to, if any. */
  readonly master: Master | undefined;
  /** Where the cache is kept, if it is. */
  readonly store: LmdbStore | undefined;
  /** What TLS needs, if there is any. */
  readonly tls: TlsSettings | undefined;
  /** A client with the permission asked for the configuration to be read anew. */
  readonly reloadRequested: BrokerEvents['reloadRequested'];
  /** A client with the permission asked for the node to be shut down. */
  readonly shutdownRequested: () => void;
}

/** How long all connections together may take to close, in ms. */
const closeGraceMs = 5000;

/** A running node: its listeners, its connections, and the broker between them. */
export class Node {
  readonly #options: NodeOptions;
  /** What all parts but the broker and the links read; changed in place. */
  readonly #settings: ServerConfig;
  /** What the admin HTTP may see and use of it. */
  readonly admin: NodeAdmin;
  readonly #keeping: Keeping;
  readonly #broker: Broker;
  readonly #interclacks: Interclacks;
  readonly #dialer: MasterDialer | undefined;
  readonly #ticker: Ticker;
  readonly #listeners: NodeListeners;
  readonly #gate: SocketGate;
  readonly #door: WebSocketDoor;
  readonly #shared: ConnectionShared;
  readonly #statistics = new Statistics();
  readonly #boundedLog: BoundedLog;
  readonly #attachment: Attachment;
  #isClosing = false;
  readonly #connections = new ConnectionTable();
  #allGone: (() => void) | undefined;
  #serial = 0;

  constructor(options: NodeOptions) {
    const { config, authenticate, logger, master, store } = options;
    this.#options = options;
    this.#settings = { ...config };
    this.#boundedLog = new BoundedLog(logger);
    this.#listeners = new NodeListeners(logger);
    this.#gate = new SocketGate(this.#settings);
    const origins = config.webSocket?.origins ?? [];
    this.#door = new WebSocketDoor(this.#settings, origins, this.#listenerEvents());
    this.#shared = {
      flusher: new Flusher(),
      budget: new BufferBudget(this.#settings),
      turns: new Turns(),
      limits: this.#settings,
    };
    const measured = store && new MeasuredStore(store);
    const events = brokerEvents({ ...options, boundedLog: this.#boundedLog }, this.#statistics);
    const nodeId = newNodeId();
    this.#broker = new Broker(
      { ...config, identification, nodeId, store: measured, authenticate, events },
      Date.now(),
      performance.now(),
    );
    this.#dialer = master && new MasterDialer(master.target, this.#settings, this.#dialEvents());
    this.#interclacks = new Interclacks(this.#broker, {
      ...config,
      clockId,
      report: (level, message, details) => {
        logger[level](details, message);
      },
      random: Math.random,
      master: master && { ...master.options, dial: () => this.#dialer?.dial() },
    });
    this.#ticker = new Ticker(this.#broker, () => {
      tellTime(this.#broker);
      this.#broker.tick();
    });
    this.#keeping = new Keeping({
      store: measured,
      broker: this.#broker,
      logger,
      statistics: this.#statistics,
      wakeTicker: () => {
        this.#ticker.wake();
      },
      committed: (tookMs) => {
        this.admin.storeCommitted(tookMs);
      },
    });
    this.#attachment = this.#attachConnections();
    this.admin = this.#newAdmin(events);
  }

  /** Where it listens, with the ports that the system chose where the configuration says 0. */
  get addresses(): ListenAddress[] {
    return this.#listeners.addresses;
  }

  /** What it has done, and what it holds now. */
  get statistics(): ServerStatistics {
    return this.#statistics.snapshot(this.#broker, this.#shared.budget);
  }

  /** Makes WebSockets of requests that came in on another listener, as far as there may be so many. */
  readonly upgrade: UpgradeHandler = (request, stream, head) => {
    guardSocket(socketOf(stream), this.#gate, this.#listenerEvents(), (socket) => {
      this.#door.upgrade(request, socket, head);
    });
  };

  /**
   * Takes back the cache as it was kept, before anybody is listened to.
   *
   * @throws StoreError
   */
  async restore(): Promise<void> {
    await this.#keeping.restore();
    // Not before: what is cleaned and kept meanwhile would be half of it.
    this.#ticker.start();
  }

  /**
   * Begins to listen.
   *
   * @throws ConfigError, ListenError
   */
  async open(): Promise<void> {
    const { config, tls } = this.#options;
    try {
      await this.#listeners.open(config, {
        tls,
        gate: this.#gate,
        door: this.#door,
        limits: this.#settings,
        events: this.#listenerEvents(),
      });
    } catch (error) {
      await this.#keeping.leave();
      this.#ticker.stop();
      throw error;
    }
    this.admin.phase = 'running';
    tellTime(this.#broker);
    this.#interclacks.start();
    this.#ticker.wake();
  }

  /**
   * Other settings hold from now on. Connections stay, as far as their users are still there.
   *
   * @throws Error of OpenSSL if the certificates cannot be used; then nothing has changed.
   */
  change({ config, tls, users, changedLogins, masterToken }: NodeChange): void {
    if (tls !== undefined) this.#listeners.replaceTls(tls);
    tellTime(this.#broker);
    Object.assign(this.#settings, config);
    this.#broker.configure(config);
    this.#interclacks.configure(config, masterToken);
    if (users !== undefined) {
      this.#broker.usersChanged(...users);
      this.admin.usersChanged(users[0], changedLogins);
    }
    for (const connection of this.#connections.connections()) connection.limitsChanged();
    this.#shared.budget.limitChanged();
    this.#ticker.wake();
  }

  /**
   * Keeps the cache, takes leave of every connection (protocol 5) and waits until they are gone.
   */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.admin.phase = 'stopping';
    this.#dialer?.stop();
    this.#listeners.close();
    // Before they are told, so that who waits for it gets an answer.
    await this.#keeping.allKept();
    tellTime(this.#broker);
    this.#broker.shutdown();
    await this.#whenAllGone();
    this.#gate.destroyAll();
    await this.#keeping.leave();
    this.#ticker.stop();
    this.#options.loginLog.flush();
    this.#boundedLog.flush();
  }

  async #whenAllGone(): Promise<void> {
    if (this.#connections.size === 0) return;
    await new Promise<void>((resolve) => {
      const grace = setTimeout(resolve, closeGraceMs);
      this.#allGone = () => {
        clearTimeout(grace);
        resolve();
      };
    });
  }

  #newAdmin(events: BrokerEvents): NodeAdmin {
    const { config, master } = this.#options;
    return new NodeAdmin({
      identity: {
        name: config.appName,
        version: packageVersion,
        nodeId: this.#broker.nodeId,
        master: master?.options.name,
      },
      broker: this.#broker,
      interclacks: this.#interclacks,
      connections: this.#connections,
      statistics: this.#statistics,
      snapshot: () => this.statistics,
      authenticate: this.#options.authenticate,
      events,
      settings: this.#settings,
      turns: this.#shared.turns,
      wakeTicker: () => {
        this.#ticker.wake();
      },
    });
  }

  #listenerEvents(): ListenerEvents & WebSocketEvents {
    return listenerEvents(
      (stream, socket, transport) => {
        this.#accept(stream, socket, transport);
      },
      { ...this.#options, boundedLog: this.#boundedLog, statistics: this.#statistics },
    );
  }

  #dialEvents(): DialEvents {
    return {
      connected: (socket) => {
        this.#statistics.dialed++;
        this.#attach(socket, masterFacts(this.#options.config), (port) =>
          this.#interclacks.dialed(port),
        );
        this.#ticker.wake();
      },
      failed: (error) => {
        tellTime(this.#broker);
        this.#interclacks.dialFailed(error);
        this.#ticker.wake();
      },
    };
  }

  /** @param socket - What carries the stream, if it is not the stream itself. */
  #accept(stream: ByteStream, socket: Socket, transport: TransportKind): void {
    // A handshake may be done only after everybody was told that the node stops.
    if (this.#isClosing) {
      socket.destroy();
      return;
    }
    this.#serial++;
    this.#statistics.accepted[transport]++;
    const certificateSubject = certificateSubjectOf(socket);
    const distinction = transport === 'unix' ? Date.now() / 1000 : (socket.remotePort ?? 0);
    const host = transport === 'unix' ? 'unixdomainsocket' : (peerHost(socket) ?? '');
    const port = detach(`${distinction}:${this.#serial}`);
    this.#attach(
      stream,
      {
        transport,
        host,
        port,
        cid: detach(`${host}:${port}`),
        ...(certificateSubject !== undefined && { certificateSubject }),
      },
      (connectionPort) => this.#broker.open(connectionPort),
    );
  }

  #attach(stream: ByteStream, facts: NamedFacts, open: OpenSession): void {
    this.#statistics.open++;
    this.#connections.add(facts.cid, attach(stream, facts, this.#attachment, open));
  }

  #attachConnections(): Attachment {
    return {
      broker: this.#broker,
      shared: this.#shared,
      logger: this.#options.logger,
      boundedLog: this.#boundedLog,
      wakeTicker: () => {
        this.#ticker.wake();
      },
      detached: (cid, reason) => {
        this.#statistics.closed(reason);
        this.#connections.delete(cid);
        if (this.#connections.size === 0) this.#allGone?.();
      },
    };
  }
}
