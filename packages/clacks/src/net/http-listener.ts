import { once } from 'node:events';
import http from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { HostCounts } from './host-counts.ts';
import { ListenError } from './listen-error.ts';
import { peerHost } from './socket-gate.ts';
import { tlsServerOptions } from './tls-settings.ts';
import type { TlsSettings } from './tls-settings.ts';
import { endWith, socketOf } from './websocket-door.ts';

/** Where and how to listen for HTTP. */
export interface HttpListenerOptions {
  readonly ip: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Without it, no TLS is spoken. */
  readonly tls: TlsSettings | undefined;
  /** Whether an address is that of a proxy, which has connections for many. */
  readonly isProxy: (address: string) => boolean;
  /** In what time a request has to be there as a whole, in ms; a TLS handshake likewise. */
  readonly requestTimeoutMs: number;
}

/** Who handles what comes in. */
export interface HttpHandlers {
  /** A request. Whoever takes it answers. */
  request(incoming: IncomingMessage, outgoing: ServerResponse): void;
  /**
   * A request for another protocol.
   *
   * @returns Whether somebody speaks it here, and owns the socket from now on.
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** A connection was refused: its host has too many. */
  refused(host: string): void;
  /** The listener itself is in trouble. It goes on. */
  failed(error: Error): void;
}

/**
 * Most connections that speak HTTP at a time: browsers keep six, and a page that watches one more.
 */
const maxConnections = 256;
/** Those of one host: nobody shuts out all others, those who ask after its health for instance. */
const maxConnectionsPerHost = 64;
/** Requests of one connection that wait for their answers: browsers and proxies send no second one. */
const maxUnanswered = 4;
/** How often it is looked for requests that take too long, in ms. */
const lookMs = 1000;
/** A connection on which nothing moves for so long is closed, in ms. */
const idleTimeoutMs = 120_000;
/** How long a connection is kept for the next request, in ms. */
const keepAliveMs = 5000;
/** Longest head of a request in bytes. */
const maxHeaderBytes = 16 * 1024;

const notFound = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

/** Listens for HTTP, with limits on what a client may keep busy. */
export class HttpListener {
  readonly #server: Server | https.Server;
  readonly #sockets = new Set<Duplex>();
  readonly #perHost = new HostCounts();
  readonly #unanswered = new WeakMap<Duplex, number>();

  private constructor(options: HttpListenerOptions, handlers: HttpHandlers) {
    const { tls, isProxy, requestTimeoutMs } = options;
    const limits = {
      connectionsCheckingInterval: Math.min(lookMs, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      keepAliveTimeout: keepAliveMs,
      maxHeaderSize: maxHeaderBytes,
    };
    this.#server =
      tls === undefined
        ? http.createServer(limits)
        : https.createServer({ ...limits, ...tlsServerOptions(tls) });
    this.#server.timeout = idleTimeoutMs;
    this.#server.maxConnections = maxConnections;
    this.#server.on('connection', (socket: Socket) => {
      this.#admit(handlers, socket, isProxy);
    });
    this.#server.on('request', (incoming, outgoing) => {
      if (this.#countRequest(incoming.socket, outgoing)) handlers.request(incoming, outgoing);
    });
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#upgrade(handlers, request, socket, head);
    });
  }

  /**
   * Begins to listen.
   *
   * @throws ListenError if the address cannot be used.
   */
  static async open(options: HttpListenerOptions, handlers: HttpHandlers): Promise<HttpListener> {
    const listener = new HttpListener(options, handlers);
    const server = listener.#server;
    try {
      server.listen({ host: options.ip, port: options.port });
      await once(server, 'listening');
    } catch (error) {
      throw new ListenError(
        `${options.ip} port ${options.port} (http)`,
        error as NodeJS.ErrnoException,
      );
    }
    server.on('error', (error) => {
      handlers.failed(error);
    });
    return listener;
  }

  /** The address, with the port that the system chose where the options say 0. */
  get address(): { readonly host: string; readonly port: number } {
    const { address, port } = this.#server.address() as AddressInfo;
    return { host: address, port };
  }

  /** Uses another certificate for new connections, where it speaks TLS. */
  replaceTls(tls: TlsSettings): void {
    if (this.#server instanceof https.Server) this.#server.setSecureContext(tlsServerOptions(tls));
  }

  /** Listens no longer, and ends every connection. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #admit(handlers: HttpHandlers, socket: Socket, isProxy: HttpListenerOptions['isProxy']): void {
    const host = peerHost(socket);
    // It is gone already.
    if (host === undefined) return;
    if (this.#perHost.of(host) >= maxConnectionsPerHost && !isProxy(host)) {
      socket.destroy();
      handlers.refused(host);
      return;
    }
    this.#perHost.add(host, 1);
    socket.once('close', () => {
      this.#perHost.add(host, -1);
    });
  }

  /**
   * Counts a request until it is answered. Node.js hands on all that are there, however many are not
   * answered, and holds each with its head.
   *
   * @returns Whether it may be answered; else its connection is closed.
   */
  #countRequest(socket: Socket, outgoing: ServerResponse): boolean {
    const unanswered = (this.#unanswered.get(socket) ?? 0) + 1;
    if (unanswered > maxUnanswered) {
      socket.destroy();
      return false;
    }
    this.#unanswered.set(socket, unanswered);
    outgoing.once('close', () => {
      this.#unanswered.set(socket, (this.#unanswered.get(socket) ?? 0) - 1);
    });
    return true;
  }

  #upgrade(handlers: HttpHandlers, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // The server knows nothing of it any more, but that it is there.
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
    });
    // An error that nobody hears ends the process.
    socket.on('error', () => undefined);
    if (handlers.upgrade(request, socket, head)) {
      this.#release(socketOf(socket));
    } else {
      endWith(socket, notFound);
    }
  }

  /** A connection counts no longer, though it is there. */
  #release(socket: Socket): void {
    const host = peerHost(socket);
    this.#server.maxConnections++;
    if (host !== undefined) this.#perHost.add(host, -1);
    socket.once('close', () => {
      this.#server.maxConnections--;
      if (host !== undefined) this.#perHost.add(host, 1);
    });
  }
}
