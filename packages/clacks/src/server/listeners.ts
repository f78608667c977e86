import type { Server as NetServer } from 'node:net';
import type { Logger } from 'pino';
import type { ServerConfig } from '../config/schema.ts';
import { listenTls, listenUnix } from '../net/listener.ts';
import type { ListenerEvents } from '../net/listener.ts';
import type { SocketGate } from '../net/socket-gate.ts';
import { TlsHandshakes } from '../net/tls-handshakes.ts';
import type { TlsSettings } from '../net/tls-settings.ts';
import { runSocketCommands } from './socket-commands.ts';

/** Where a server listens. */
export type ListenAddress =
  | { readonly transport: 'tls'; readonly host: string; readonly port: number }
  | { readonly transport: 'unix'; readonly path: string };

/** Everything a node listens on. */
export class NodeListeners {
  readonly #logger: Logger;
  readonly #servers: NetServer[] = [];
  #handshakes: TlsHandshakes | undefined;

  /** @param logger - For what an operator should know of how it was done. */
  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /**
   * Listens on every address and socket of the configuration, or on none, and runs the commands for
   * the sockets. Who connects meanwhile waits at the gate: it is opened in the end.
   *
   * @param tls - Needed if there are addresses.
   * @throws ConfigError, ListenError
   */
  async open(
    config: ServerConfig,
    tls: TlsSettings | undefined,
    gate: SocketGate,
    events: ListenerEvents,
  ): Promise<void> {
    try {
      if (tls !== undefined) {
        this.#handshakes = new TlsHandshakes(tls, events);
        for (const ip of config.ips) {
          this.#servers.push(await listenTls(ip, config.port, this.#handshakes, gate, events));
        }
      }
      for (const path of config.sockets) {
        this.#servers.push(await listenUnix(path, config.socketMode, gate, events));
      }
      await runSocketCommands(config.socketCommands, this.#logger);
    } catch (error) {
      this.close();
      gate.destroyAll();
      throw error;
    }
    gate.open();
  }

  /**
   * Uses other certificates for new connections, where it listens with TLS.
   *
   * @throws Error of OpenSSL if they cannot be used; then nothing has changed.
   */
  replaceTls(tls: TlsSettings): void {
    this.#handshakes?.replace(tls);
  }

  /** The addresses, with the ports that the system chose where the configuration says 0. */
  get addresses(): ListenAddress[] {
    return this.#servers.flatMap((server): ListenAddress[] => {
      const address = server.address();
      if (address === null) return [];
      return typeof address === 'string'
        ? [{ transport: 'unix', path: address }]
        : [{ transport: 'tls', host: address.address, port: address.port }];
    });
  }

  /** Listens no longer. Connections stay. Socket files are removed. */
  close(): void {
    for (const server of this.#servers.splice(0)) server.close();
  }
}
