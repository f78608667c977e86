import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import { Broker } from '../broker/broker.ts';
import type {
  Authenticate,
  BrokerEvents,
  ConnectionFacts,
  TransportKind,
} from '../broker/ports.ts';
import type { ServerConfig } from '../config/schema.ts';
import { BufferBudget } from '../net/buffer-budget.ts';
import type { ConnectionShared } from '../net/connection.ts';
import { Flusher } from '../net/flusher.ts';
import type { ListenerEvents } from '../net/listener.ts';
import { SocketGate, peerHost } from '../net/socket-gate.ts';
import { attach, tellTime } from './attach.ts';
import { identification } from './identification.ts';
import { NodeListeners } from './listeners.ts';
import type { ListenAddress } from './listeners.ts';
import { Ticker } from './ticker.ts';

/** What a {@link Node} is made with. */
export interface NodeOptions {
  readonly config: ServerConfig;
  readonly authenticate: Authenticate;
  readonly logger: Logger;
  /** A client with the permission asked for the node to be shut down. */
  readonly shutdownRequested: () => void;
}

/** How long all connections together may take to close, in ms. */
const closeGraceMs = 5000;

const subjectOf = (socket: Socket | TLSSocket): string | undefined => {
  if (!('authorized' in socket) || !socket.authorized) return undefined;
  const subject = Object.entries(socket.getPeerCertificate().subject);
  return subject.map(([name, value]) => `${name}=${String(value)}`).join(',');
};

const brokerEvents = (logger: Logger, shutdownRequested: () => void): BrokerEvents => ({
  loginFailed: (cid, username, error) => {
    logger.warn({ cid, username, ...(error !== undefined && { err: error }) }, 'login failed');
  },
  loggedIn: (cid, username) => {
    logger.info({ cid, username }, 'logged in');
  },
  errorReceived: (cid, text) => {
    logger.warn({ cid, text }, 'client reports an error');
  },
  shutdownRequested: (cid) => {
    logger.warn({ cid }, 'shutdown requested by a client');
    shutdownRequested();
  },
});

/** A running node: its listeners, its connections, and the broker between them. */
export class Node {
  readonly #options: NodeOptions;
  readonly #broker: Broker;
  readonly #ticker: Ticker;
  readonly #listeners = new NodeListeners();
  readonly #gate: SocketGate;
  readonly #shared: ConnectionShared;
  #isClosing = false;
  #connections = 0;
  #allGone: (() => void) | undefined;
  #serial = 0;

  constructor(options: NodeOptions) {
    const { config, authenticate, logger, shutdownRequested } = options;
    this.#options = options;
    this.#gate = new SocketGate(config);
    this.#shared = {
      flusher: new Flusher(),
      budget: new BufferBudget(config.maxBuffered),
      maxLineLength: config.maxLineLength,
      maxOutbuffer: config.maxOutbuffer,
    };
    const events = brokerEvents(logger, shutdownRequested);
    const settings = { ...config, identification, authenticate, events };
    this.#broker = new Broker(settings, Date.now(), performance.now());
    this.#ticker = new Ticker(this.#broker, () => {
      tellTime(this.#broker);
      this.#broker.tick();
    });
  }

  /** Where it listens, with the ports that the system chose where the configuration says 0. */
  get addresses(): ListenAddress[] {
    return this.#listeners.addresses;
  }

  /**
   * Begins to listen.
   *
   * @throws ConfigError, ListenError
   */
  async open(): Promise<void> {
    await this.#listeners.open(this.#options.config, this.#gate, this.#listenerEvents());
    this.#ticker.wake();
  }

  /** Takes leave of every connection (protocol 5) and waits until they are gone. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#listeners.close();
    tellTime(this.#broker);
    this.#broker.shutdown();
    await this.#whenAllGone();
    this.#gate.destroyAll();
    this.#ticker.stop();
  }

  async #whenAllGone(): Promise<void> {
    if (this.#connections === 0) return;
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
        logger.warn({ host, limit }, 'connection refused: too many');
      },
      handshakeFailed: (host, error) => {
        logger.info({ host, reason: error.message }, 'TLS handshake failed');
      },
      failed: (error) => {
        logger.error({ err: error }, 'listener failed');
      },
    };
  }

  #accept(socket: Socket | TLSSocket, transport: TransportKind): void {
    this.#serial++;
    const certificateSubject = subjectOf(socket);
    const distinction = transport === 'unix' ? Date.now() / 1000 : (socket.remotePort ?? 0);
    const facts: ConnectionFacts = {
      transport,
      host: transport === 'unix' ? 'unixdomainsocket' : (peerHost(socket) ?? ''),
      port: `${distinction}:${this.#serial}`,
      ...(certificateSubject !== undefined && { certificateSubject }),
    };
    this.#connections++;
    attach(socket, facts, {
      broker: this.#broker,
      shared: this.#shared,
      logger: this.#options.logger,
      wakeTicker: () => {
        this.#ticker.wake();
      },
      detached: () => {
        this.#connections--;
        if (this.#connections === 0) this.#allGone?.();
      },
    });
  }
}
