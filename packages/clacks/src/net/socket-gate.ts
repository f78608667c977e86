import type { Socket } from 'node:net';
import { HostCounts } from './host-counts.ts';

/** How many connections a node accepts. */
export interface ConnectionLimits {
  /** Connections in all; 0 = no limit. */
  readonly maxConnections: number;
  /** Connections from one IP address; 0 = no limit. */
  readonly maxConnectionsPerHost: number;
}

const ipv4InIpv6 = '::ffff:';

/** The peer's IP address, IPv4 as such even on an IPv6 listener; `undefined` on a unix socket. */
export const peerHost = (socket: Socket): string | undefined => {
  const address = socket.remoteAddress;
  return address?.startsWith(ipv4InIpv6) ? address.slice(ipv4InIpv6.length) : address;
};

const ignore = (): void => undefined;

/**
 * Knows every open socket of a node, those included whose TLS handshake is not done. It is closed at
 * first: who comes meanwhile waits.
 */
export class SocketGate {
  readonly #limits: ConnectionLimits;
  readonly #sockets = new Set<Socket>();
  readonly #perHost = new HostCounts();
  /** Who waits, with what is to be done with it; `undefined` once the gate is open. */
  #waiting: Map<Socket, () => void> | undefined = new Map();

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /**
   * Lets a new socket in and counts it until it closes.
   *
   * @returns The name of the limit that forbids it, if one does.
   */
  admit(socket: Socket): keyof ConnectionLimits | undefined {
    const { maxConnections, maxConnectionsPerHost } = this.#limits;
    if (maxConnections > 0 && this.#sockets.size >= maxConnections) return 'maxConnections';
    const host = peerHost(socket);
    if (host !== undefined) {
      if (maxConnectionsPerHost > 0 && this.#perHost.of(host) >= maxConnectionsPerHost) {
        return 'maxConnectionsPerHost';
      }
      this.#perHost.add(host, 1);
    }
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#leave(socket, host);
    });
    return undefined;
  }

  /** Hands on a socket that was let in: at once, or when the gate is opened, if it is there then. */
  whenOpen(socket: Socket, handOn: (socket: Socket) => void): void {
    if (this.#waiting === undefined) {
      handOn(socket);
      return;
    }
    // Nobody else listens to it yet, and an error that nobody hears ends the process.
    socket.on('error', ignore);
    this.#waiting.set(socket, () => {
      if (socket.destroyed) return;
      handOn(socket);
      socket.off('error', ignore);
    });
  }

  /** The node serves whoever waits, and whoever comes. */
  open(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    for (const handOn of waiting?.values() ?? []) handOn();
  }

  /** Destroys every socket that is still open. */
  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #leave(socket: Socket, host: string | undefined): void {
    this.#sockets.delete(socket);
    this.#waiting?.delete(socket);
    if (host !== undefined) this.#perHost.add(host, -1);
  }
}
