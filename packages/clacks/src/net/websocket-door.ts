import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { ServerOptions } from 'ws';
import type { LineLimits } from './connection-shared.ts';
import { isOriginAllowed } from './origins.ts';
import { peerHost } from './socket-gate.ts';
import { WebSocketStream } from './websocket-stream.ts';

/** Where a WebSocket is asked for. */
export const webSocketPath = '/clacks';

/** Whether a request is one to that path. */
export const isForWebSocket = ({ url = '' }: IncomingMessage): boolean =>
  url.split('?', 1)[0] === webSocketPath;

/** What a door tells its owner. */
export interface WebSocketEvents {
  /** A WebSocket is open, on a socket. The stream has an owner from now on. */
  opened(stream: WebSocketStream, socket: Socket): void;
  /** A WebSocket was refused, to a page from that origin. */
  originRefused(host: string | undefined, origin: string): void;
}

/** Our own client sends frames of this size, whatever its lines are. */
const minFrameBytes = 64 * 1024;
const lineEndBytes = 2;

/** How long a peer may take to close its side of a WebSocket, in ms. */
const closeTimeoutMs = 2000;

/**
 * The socket of a request to upgrade.
 *
 * @throws TypeError if it is none of a network.
 */
export const socketOf = (stream: Duplex): Socket => {
  if (stream instanceof Socket) return stream;
  throw new TypeError('A WebSocket needs a socket of a network.');
};

/** Answers, and closes: a peer that does not close its side would keep the socket for ever. */
export const endWith = (socket: Duplex, response: string): void => {
  socket.once('finish', () => {
    socket.destroy();
  });
  socket.end(response);
};

/** The text is for people who look why it fails: browsers do not show it to pages. */
const refuse = (socket: Duplex, status: string, text: string): void => {
  const head = [
    `HTTP/1.1 ${status}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text)}`,
  ];
  endWith(socket, `${head.join('\r\n')}\r\n\r\n${text}`);
};

/**
 * Makes WebSockets of requests to upgrade, which any HTTP server may hand to it. Its sockets are those
 * that were let in at the gate.
 */
export class WebSocketDoor {
  readonly #limits: LineLimits;
  readonly #origins: readonly string[];
  readonly #events: WebSocketEvents;

  /**
   * @param limits - Read for each new WebSocket.
   * @param origins - Where pages may come from: see {@link isOriginAllowed}.
   */
  constructor(limits: LineLimits, origins: readonly string[], events: WebSocketEvents) {
    this.#limits = limits;
    this.#origins = origins;
    this.#events = events;
  }

  /** Handles the event `upgrade` of an HTTP server. */
  readonly upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const socket = socketOf(stream);
    // Nobody else listens to it any more, and an error that nobody hears ends the process.
    socket.on('error', () => undefined);
    if (!isForWebSocket(request)) {
      refuse(socket, '404 Not Found', `The WebSocket is at ${webSocketPath}.\n`);
    } else if (!isOriginAllowed(request, this.#origins)) {
      this.#events.originRefused(peerHost(socket), request.headers.origin ?? '');
      refuse(socket, '403 Forbidden', 'Pages from there may not open a WebSocket here.\n');
    } else {
      new WebSocketServer(this.#options()).handleUpgrade(request, socket, head, (webSocket) => {
        this.#events.opened(new WebSocketStream(webSocket, socket), socket);
      });
    }
  };

  #options(): ServerOptions {
    // The types do not have the last one yet.
    const options: ServerOptions & { readonly closeTimeout: number } = {
      noServer: true,
      clientTracking: false,
      // It would take memory and time for each connection, and what is inflated is not bounded.
      perMessageDeflate: false,
      // It is bytes to us.
      skipUTF8Validation: true,
      maxPayload: Math.max(minFrameBytes, this.#limits.maxLineLength + lineEndBytes),
      closeTimeout: closeTimeoutMs,
    };
    return options;
  }
}
