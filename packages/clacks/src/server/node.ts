import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import { Broker } from '../broker/broker.ts';
import { detach } from '../broker/detach.ts';
import type { Authenticate, BrokerEvents, TransportKind } from '../broker/ports.ts';
import type { ServerConfig } from '../config/schema.ts';
import { BufferBudget } from '../net/buffer-budget.ts';
import { certificateSubjectOf } from '../net/certificate-subject.ts';
import type { Connection, ConnectionShared } from '../net/connection.ts';
import { Flusher } from '../net/flusher.ts';
import type { ListenerEvents } from '../net/listener.ts';
import { Interclacks } from '../link/interclacks.ts';
import type { TlsSettings } from '../net/tls-settings.ts';
import { Turns } from '../net/turns.ts';
import type { LmdbStore } from '../storage/lmdb-store.ts';
import { SocketGate, peerHost } from '../net/socket-gate.ts';
import { attach, tellTime } from './attach.ts';
import type { Attachment, NamedFacts, OpenSession } from './attach.ts';
import { BoundedLog } from './bounded-log.ts';
import { brokerEvents } from './broker-events.ts';
import { identification } from './identification.ts';
import { clockId, newNodeId } from './identity.ts';
import { NodeListeners } from './listeners.ts';
import type { ListenAddress } from './listeners.ts';
import { masterFacts } from './master.ts';
import type { LoginLog } from './login-log.ts';
import type { Master } from './master.ts';
import type { NodeChange } from './settings.ts';
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

/** How long the store may take to write the last changes, and again to end, in ms. */
const storeGraceMs = 5000;

/** How long all connections together may take to close, in ms. */
const closeGraceMs = 5000;

/** A running node: its listeners, its connections, and the broker between them. */
export class Node {
  readonly #options: NodeOptions;
  /** What all parts but the broker and the links read; changed in place. */
  readonly #settings: ServerConfig;
  readonly #broker: Broker;
  readonly #interclacks: Interclacks;
  readonly #dialer: MasterDialer | undefined;
  readonly #ticker: Ticker;
  readonly #listeners: NodeListeners;
  readonly #gate: SocketGate;
  readonly #shared: ConnectionShared;
  readonly #statistics = new Statistics();
  readonly #boundedLog: BoundedLog;
  readonly #attachment: Attachment;
  #isClosing = false;
  readonly #connections = new Set<Connection>();
  #allGone: (() => void) | undefined;
  #serial = 0;

  constructor(options: NodeOptions) {
    const { config, authenticate, logger, master, store } = options;
    this.#options = options;
    this.#settings = { ...config };
    this.#boundedLog = new BoundedLog(logger);
    this.#listeners = new NodeListeners(logger);
    this.#gate = new SocketGate(this.#settings);
    this.#shared = {
      flusher: new Flusher(),
      budget: new BufferBudget(this.#settings),
      turns: new Turns(),
      limits: this.#settings,
    };
    this.#broker = new Broker(
      {
        ...config,
        identification,
        nodeId: newNodeId(),
        store,
        authenticate,
        events: brokerEvents({ ...options, boundedLog: this.#boundedLog }, this.#statistics),
      },
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
    this.#attachment = this.#attachConnections();
  }

  /** Where it listens, with the ports that the system chose where the configuration says 0. */
  get addresses(): ListenAddress[] {
    return this.#listeners.addresses;
  }

  /** What it has done, and what it holds now. */
  get statistics(): ServerStatistics {
    return this.#statistics.snapshot(this.#broker, this.#shared.budget);
  }

  /**
   * Takes back the cache as it was kept, before anybody is listened to.
   *
   * @throws StoreError
   */
  async restore(): Promise<void> {
    const { store, logger } = this.#options;
    if (store === undefined) return;
    const { cache, keeper } = this.#broker;
    const { entries, context, nodeId, unwritable } = await store.load((entry) => {
      cache.restore(entry);
    });
    store.onSaved((failure) => {
      tellTime(this.#broker);
      keeper.saved(failure);
      this.#ticker.wake();
    });
    this.#broker.restored(context, nodeId);
    logger.info({ store: store.file, entries }, 'the cache is as it was kept');
    if (unwritable !== undefined) {
      logger.error({ store: store.file, reason: unwritable.reason }, 'the store cannot be written');
    }
  }

  /**
   * Begins to listen.
   *
   * @throws ConfigError, ListenError
   */
  async open(): Promise<void> {
    const { config, tls } = this.#options;
    try {
      await this.#listeners.open(config, tls, this.#gate, this.#listenerEvents());
    } catch (error) {
      await this.#leaveStore();
      throw error;
    }
    tellTime(this.#broker);
    this.#interclacks.start();
    this.#ticker.wake();
  }

  /**
   * Other settings hold from now on. Connections stay, as far as their users are still there.
   *
   * @throws Error of OpenSSL if the certificates cannot be used; then nothing has changed.
   */
  change({ config, tls, users, masterToken }: NodeChange): void {
    if (tls !== undefined) this.#listeners.replaceTls(tls);
    tellTime(this.#broker);
    Object.assign(this.#settings, config);
    this.#broker.configure(config);
    this.#interclacks.configure(config, masterToken);
    if (users !== undefined) this.#broker.usersChanged(...users);
    for (const connection of this.#connections) connection.limitsChanged();
    this.#shared.budget.limitChanged();
    this.#ticker.wake();
  }

  /**
   * Keeps the cache, takes leave of every connection (protocol 5) and waits until they are gone.
   */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#dialer?.stop();
    this.#listeners.close();
    // Before they are told, so that who waits for it gets an answer.
    await this.#allKept();
    tellTime(this.#broker);
    this.#broker.shutdown();
    await this.#whenAllGone();
    this.#gate.destroyAll();
    await this.#leaveStore();
    this.#ticker.stop();
    this.#options.loginLog.flush();
    this.#boundedLog.flush();
  }

  /** Resolves when the cache is kept, or tells why it cannot be. */
  #allKept(): Promise<string | undefined> {
    tellTime(this.#broker);
    return new Promise((resolve) => {
      const limit = setTimeout(() => {
        resolve(`it took more than ${storeGraceMs} ms`);
        // It is not waited for once more: this also ends whoever waits for a FLUSH.
        this.#options.store?.kill();
      }, storeGraceMs);
      this.#broker.keeper.whenAllKept((failure) => {
        clearTimeout(limit);
        resolve(failure);
      });
      this.#ticker.wake();
    });
  }

  async #leaveStore(): Promise<void> {
    const { store, logger } = this.#options;
    if (store === undefined) return;
    const failure = await this.#allKept();
    if (failure !== undefined) {
      logger.error({ reason: failure }, 'the last changes of the cache are lost');
    }
    const limit = setTimeout(() => {
      logger.error('the process of the store does not end: it is killed');
      store.kill();
    }, storeGraceMs);
    await store.close(failure === undefined ? this.#broker.cache.lastingId : undefined);
    clearTimeout(limit);
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

  #listenerEvents(): ListenerEvents {
    const { logger } = this.#options;
    return {
      accepted: (socket, transport) => {
        // A TLS handshake may be done only after everybody was told that the node stops.
        if (this.#isClosing) socket.destroy();
        else this.#accept(socket, transport);
      },
      refused: (host, limit) => {
        this.#statistics.refused[limit]++;
        this.#boundedLog.tell('warn', { host, limit }, 'connection refused: too many');
      },
      handshakeFailed: (host, error) => {
        this.#statistics.tlsHandshakesFailed++;
        this.#boundedLog.tell('info', { host, reason: error.message }, 'TLS handshake failed');
      },
      failed: (error) => {
        logger.error({ err: error }, 'listener failed');
      },
    };
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

  #accept(socket: Socket | TLSSocket, transport: TransportKind): void {
    this.#serial++;
    this.#statistics.accepted[transport]++;
    const certificateSubject = certificateSubjectOf(socket);
    const distinction = transport === 'unix' ? Date.now() / 1000 : (socket.remotePort ?? 0);
    const host = transport === 'unix' ? 'unixdomainsocket' : (peerHost(socket) ?? '');
    const port = detach(`${distinction}:${this.#serial}`);
    this.#attach(
      socket,
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

  #attach(socket: Socket, facts: NamedFacts, open: OpenSession): void {
    this.#statistics.open++;
    this.#connections.add(attach(socket, facts, this.#attachment, open));
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
      detached: (connection, reason) => {
        this.#statistics.closed(reason);
        this.#connections.delete(connection);
        if (this.#connections.size === 0) this.#allGone?.();
      },
    };
  }
}
