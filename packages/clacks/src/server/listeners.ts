import type { Server as NetServer } from 'node:net';
import type { ServerConfig } from '../config/schema.ts';
import { listenTls, listenUnix } from '../net/listener.ts';
import type { ListenerEvents } from '../net/listener.ts';
import type { SocketGate } from '../net/socket-gate.ts';
import { runSocketCommands } from './socket-commands.ts';
import { readTlsSettings } from './tls-files.ts';

/** Where a server listens. */
export type ListenAddress =
  | { readonly transport: 'tls'; readonly host: string; readonly port: number }
  | { readonly transport: 'unix'; readonly path: string };

const hasTls = (
  config: ServerConfig,
): config is ServerConfig & { tls: NonNullable<ServerConfig['tls']> } => config.tls !== undefined;

/** Everything a node listens on. */
export class NodeListeners {
  readonly #servers: NetServer[] = [];

  /**
   * Listens on every address and socket of the configuration, or on none.
   *
   * @throws ConfigError, ListenError
   */
  async open(config: ServerConfig, gate: SocketGate, events: ListenerEvents): Promise<void> {
    try {
      if (hasTls(config)) {
        const settings = await readTlsSettings(config);
        for (const ip of config.ips) {
          this.#servers.push(await listenTls(ip, config.port, settings, gate, events));
        }
      }
      for (const path of config.sockets) {
        this.#servers.push(await listenUnix(path, config.socketMode, gate, events));
      }
      await runSocketCommands(config.socketCommands);
    } catch (error) {
      this.close();
      throw error;
    }
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
