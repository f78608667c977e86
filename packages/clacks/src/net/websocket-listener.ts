import http from 'node:http';
import type { Server as NetServer, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { listenTcp } from './listener.ts';
import type { ListenerEvents } from './listener.ts';
import type { SocketGate } from './socket-gate.ts';
import { TlsHandshakes } from './tls-handshakes.ts';
import type { TlsSettings } from './tls-settings.ts';
import { isForWebSocket, webSocketPath } from './websocket-door.ts';
import type { WebSocketDoor } from './websocket-door.ts';

/** Most bytes of the head of a request. */
const maxHeadBytes = 16 * 1024;

/** What is known of the time for a request. */
export interface RequestLimits {
  /** How long it may take until a WebSocket is open, in ms. */
  readonly authTimeoutMs: number;
}

const answerOthers: http.RequestListener = (request, response) => {
  const isHere = isForWebSocket(request);
  response.writeHead(isHere ? 426 : 404, {
    'Content-Type': 'text/plain; charset=utf-8',
    Connection: 'close',
    ...(isHere && { Upgrade: 'websocket' }),
  });
  response.end(`Only a WebSocket at ${webSocketPath} is served here.\n`);
};

/** Takes connections on which nothing but a WebSocket is to be asked for. */
export class WebSocketListener {
  readonly #http: http.Server;
  readonly #limits: RequestLimits;
  readonly #events: ListenerEvents;
  readonly #handshakes: TlsHandshakes | undefined;
  /** Ends who has not asked for a WebSocket in time. */
  readonly #timers = new WeakMap<Duplex, NodeJS.Timeout>();

  /**
   * @param limits - Read for each new connection.
   * @param tls - Missing if there is no TLS.
   * @param events - Those about sockets; `accepted` is not called.
   * @throws Error of OpenSSL if certificate and key cannot be used.
   */
  constructor(
    door: WebSocketDoor,
    limits: RequestLimits,
    tls: TlsSettings | undefined,
    events: ListenerEvents,
  ) {
    this.#limits = limits;
    this.#events = events;
    this.#http = http.createServer({ maxHeaderSize: maxHeadBytes }, answerOthers);
    this.#http.on('upgrade', (request, socket, head) => {
      clearTimeout(this.#timers.get(socket));
      door.upgrade(request, socket, head);
    });
    this.#handshakes = tls && new TlsHandshakes(tls, { ...events, accepted: this.#begin });
  }

  /**
   * Listens on an address.
   *
   * @throws ListenError if it cannot be used.
   */
  listen(ip: string, port: number, gate: SocketGate): Promise<NetServer> {
    return listenTcp(ip, port, gate, this.#events, (socket) => {
      if (this.#handshakes === undefined) this.#begin(socket);
      else this.#handshakes.begin(socket);
    });
  }

  /**
   * Uses other certificates for new connections.
   *
   * @throws Error of OpenSSL if they cannot be used; then nothing has changed.
   */
  replaceTls(tls: TlsSettings): void {
    this.#handshakes?.replace(tls);
  }

  readonly #begin = (socket: Socket): void => {
    const timer = setTimeout(() => {
      socket.destroy();
    }, this.#limits.authTimeoutMs);
    this.#timers.set(socket, timer);
    socket.once('close', () => {
      clearTimeout(timer);
    });
    this.#http.emit('connection', socket);
  };
}
