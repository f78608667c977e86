import type { AddressInfo, Server as NetServer } from 'node:net';
import type { Logger } from 'pino';
import type { ServerConfig } from '../config/schema.ts';
import { listenTls, listenUnix } from '../net/listener.ts';
import type { ListenerEvents } from '../net/listener.ts';
import type { SocketGate } from '../net/socket-gate.ts';
import { TlsHandshakes } from '../net/tls-handshakes.ts';
import type { TlsSettings } from '../net/tls-settings.ts';
import { WebSocketListener } from '../net/websocket-listener.ts';
import type { RequestLimits } from '../net/websocket-listener.ts';
import { webSocketPath } from '../net/websocket-door.ts';
import type { WebSocketDoor } from '../net/websocket-door.ts';
import { runSocketCommands } from './socket-commands.ts';

/** Where a server listens. */
export type ListenAddress =
  | { readonly transport: 'tls'; readonly host: string; readonly port: number }
  | { readonly transport: 'unix'; readonly path: string }
  | {
      readonly transport: 'websocket';
      readonly host: string;
      readonly port: number;
      /** Where a client connects to, such as `wss://127.0.0.1:49887/clacks`. */
      readonly url: string;
    };

/** Something that listens, and how its address is told. */
interface Listening {
  readonly server: NetServer;
  readonly describe: (address: AddressInfo | string) => ListenAddress;
}

const describeSocket: Listening['describe'] = (address) =>
  typeof address === 'string'
    ? { transport: 'unix', path: address }
    : { transport: 'tls', host: address.address, port: address.port };

/** The address of a WebSocket. */
export const webSocketAddress = (host: string, port: number, isTls: boolean): ListenAddress => {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const url = `${isTls ? 'wss' : 'ws'}://${authority}${webSocketPath}`;
  return { transport: 'websocket', host, port, url };
};

/** What listeners are opened with. */
export interface ListenerSurroundings {
  /** Needed if there is anything with TLS. */
  readonly tls: TlsSettings | undefined;
  readonly gate: SocketGate;
  readonly door: WebSocketDoor;
  readonly limits: RequestLimits;
  readonly events: ListenerEvents;
}

/** Everything a node listens on. */
export class NodeListeners {
  readonly #logger: Logger;
  readonly #listening: Listening[] = [];
  #handshakes: TlsHandshakes | undefined;
  #webSockets: WebSocketListener | undefined;

  /** @param logger - For what an operator should know of how it was done. */
  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /**
   * Listens on every address and socket of the configuration, or on none, and runs the commands for
   * the sockets. Who connects meanwhile waits at the gate: it is opened in the end.
   *
   * @throws ConfigError, ListenError
   */
  async open(config: ServerConfig, surroundings: ListenerSurroundings): Promise<void> {
    const { gate } = surroundings;
    try {
      await this.#openSockets(config, surroundings);
      await this.#openWebSockets(config, surroundings);
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
    this.#webSockets?.replaceTls(tls);
  }

  /** The addresses, with the ports that the system chose where the configuration says 0. */
  get addresses(): ListenAddress[] {
    return this.#listening.flatMap(({ server, describe }) => {
      const address = server.address();
      return address === null ? [] : [describe(address)];
    });
  }

  /** Listens no longer. Connections stay. Socket files are removed. */
  close(): void {
    for (const { server } of this.#listening.splice(0)) server.close();
  }

  async #openSockets(
    { ips, port, sockets, socketMode }: ServerConfig,
    { tls, gate, events }: ListenerSurroundings,
  ): Promise<void> {
    const add = (server: NetServer): void => {
      this.#listening.push({ server, describe: describeSocket });
    };
    if (tls !== undefined) {
      this.#handshakes = new TlsHandshakes(tls, events);
      for (const ip of ips) add(await listenTls(ip, port, this.#handshakes, gate, events));
    }
    for (const path of sockets) add(await listenUnix(path, socketMode, gate, events));
  }

  async #openWebSockets(
    { webSocket }: ServerConfig,
    { tls, gate, door, limits, events }: ListenerSurroundings,
  ): Promise<void> {
    if (webSocket === undefined || webSocket.http) return;
    const describe: Listening['describe'] = (address) =>
      typeof address === 'string'
        ? describeSocket(address)
        : webSocketAddress(address.address, address.port, webSocket.tls);
    this.#webSockets = new WebSocketListener(door, limits, webSocket.tls ? tls : undefined, events);
    for (const ip of webSocket.ips) {
      const server = await this.#webSockets.listen(ip, webSocket.port, gate);
      this.#listening.push({ server, describe });
    }
  }
}
