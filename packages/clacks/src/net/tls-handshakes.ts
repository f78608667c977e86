import type { Socket } from 'node:net';
import tls from 'node:tls';
import type { Server, TLSSocket } from 'node:tls';
import { subjectOf } from './certificate-subject.ts';
import type { ListenerEvents } from './listener.ts';
import { peerHost } from './socket-gate.ts';
import { tlsServerOptions } from './tls-settings.ts';
import type { TlsSettings } from './tls-settings.ts';

/** Why OpenSSL does not trust a client's certificate, or that it showed none. */
const distrustOf = (socket: TLSSocket): string | undefined => {
  // Its type says Error, but it is a code.
  const code: unknown = socket.authorizationError;
  return typeof code === 'string' ? code : undefined;
};

/**
 * Why a client is not let in because of its certificate, if it is not. A certificate that we do not
 * trust never counts as none, also where none is needed: its owner would only see a failed login,
 * and could not know that the certificate has expired for instance.
 */
const refusalOf = (socket: TLSSocket): Error | undefined => {
  const code = distrustOf(socket);
  const certificate = code === undefined ? undefined : socket.getPeerX509Certificate();
  if (code === undefined || certificate === undefined) return undefined;
  const subject = subjectOf(certificate) ?? 'no subject';
  return new Error(`the client's certificate (${subject}) is not accepted: ${code}`);
};

const createTlsServer = (settings: TlsSettings, events: ListenerEvents): Server => {
  const server = tls.createServer(tlsServerOptions(settings));
  server.on('secureConnection', (socket) => {
    socket.setNoDelay(true);
    const refusal = refusalOf(socket);
    if (refusal !== undefined) events.handshakeFailed(peerHost(socket), refusal);
    // Who is gone already has no address any more.
    if (refusal !== undefined || socket.remoteAddress === undefined) socket.destroy();
    else events.accepted(socket, 'tls');
  });
  server.on('tlsClientError', (error, socket) => {
    const code = distrustOf(socket);
    if (code !== undefined) {
      // Node has destroyed it already: nothing more is to be had of it.
      const message = `the client's certificate is not accepted: ${code}`;
      events.handshakeFailed(undefined, new Error(message, { cause: error }));
    } else if (socket.remoteAddress !== undefined) {
      // Another destroyed socket has been refused, and that was told already.
      events.handshakeFailed(peerHost(socket), error);
    }
    socket.destroy();
  });
  return server;
};

/**
 * Does the TLS handshakes of all listeners. It listens nowhere itself, so that certificates, and who
 * has to show one, can be others from one connection to the next: `setSecureContext` of a listener
 * would change its certificate alone.
 */
export class TlsHandshakes {
  readonly #events: ListenerEvents;
  #server: Server;

  /** @throws Error of OpenSSL if certificate and key cannot be used. */
  constructor(settings: TlsSettings, events: ListenerEvents) {
    this.#events = events;
    this.#server = createTlsServer(settings, events);
  }

  /**
   * Uses other certificates for new connections. Those that exist stay as they are.
   *
   * @throws Error of OpenSSL if they cannot be used; then nothing has changed.
   */
  replace(settings: TlsSettings): void {
    this.#server = createTlsServer(settings, this.#events);
  }

  /** Begins the handshake on a new socket. */
  begin(socket: Socket): void {
    this.#server.emit('connection', socket);
  }
}
