import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { LogRing } from '../http/log-ring.ts';
import { AdminSite } from '../http/site.ts';
import { BoundedLog } from './bounded-log.ts';
import { HttpListener } from '../net/http-listener.ts';
import type { TlsSettings } from '../net/tls-settings.ts';
import type { HttpSettings } from './http-settings.ts';
import type { NodeAdmin } from './node-admin.ts';

/** Where the admin HTTP listens. */
export interface HttpAddress {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
}

/** Speaks another protocol on a connection that was HTTP: owns the socket from then on. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** What the admin HTTP is made with. */
export interface AdminHttpOptions {
  readonly port: NodeAdmin;
  readonly logs: LogRing;
  readonly logger: Logger;
  /** The directory of the page's files. */
  readonly dashboard: string;
  /** In what time a request has to be there as a whole, in ms. */
  readonly requestTimeoutMs: number;
}

/** The admin HTTP at work: its listener, and what is behind it. */
export class AdminHttp {
  readonly #listener: HttpListener;
  readonly #site: AdminSite;
  readonly #log: BoundedLog;
  readonly #isTls: boolean;

  private constructor(listener: HttpListener, site: AdminSite, log: BoundedLog, isTls: boolean) {
    this.#listener = listener;
    this.#site = site;
    this.#log = log;
    this.#isTls = isTls;
  }

  /**
   * Begins to listen.
   *
   * @param upgrades - Who speaks other protocols, by the path that they are spoken at.
   * @throws ListenError
   */
  static async open(
    { ip, port, tls, isProxy }: HttpSettings,
    { logger, requestTimeoutMs, ...options }: AdminHttpOptions,
    upgrades: ReadonlyMap<string, UpgradeHandler>,
  ): Promise<AdminHttp> {
    const log = new BoundedLog(logger);
    const site = new AdminSite({
      ...options,
      isProxy,
      failed: (error) => {
        log.tell('warn', { err: error }, 'a request to the admin HTTP failed');
      },
    });
    options.port.storeCommitted = (tookMs) => {
      site.storeCommitted(tookMs);
    };
    const listening = HttpListener.open(
      { ip, port, tls, isProxy, requestTimeoutMs },
      {
        request: (incoming, outgoing) => {
          site.request(incoming, outgoing);
        },
        upgrade: (request, socket, head) => {
          const [path = ''] = (request.url ?? '').split('?');
          const handle = upgrades.get(path);
          handle?.(request, socket, head);
          return handle !== undefined;
        },
        refused: (host) => {
          log.tell('warn', { host }, 'connection refused: too many');
        },
        failed: (error) => {
          logger.error({ err: error }, 'the listener of the admin HTTP failed');
        },
      },
    );
    try {
      return new AdminHttp(await listening, site, log, tls !== undefined);
    } catch (error) {
      site.close();
      throw error;
    }
  }

  /** Where it listens, with the port that the system chose where the configuration says 0. */
  get address(): HttpAddress {
    return { ...this.#listener.address, isTls: this.#isTls };
  }

  /** Uses another certificate for new connections. */
  replaceTls(tls: TlsSettings): void {
    this.#listener.replaceTls(tls);
  }

  /** Ends everything. */
  async close(): Promise<void> {
    this.#site.close();
    await this.#listener.close();
    this.#log.flush();
  }
}
