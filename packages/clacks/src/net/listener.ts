import { once } from 'node:events';
import { chmod, lstat, stat, unlink } from 'node:fs/promises';
import net from 'node:net';
import type { Server, Socket } from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { subjectOf } from './certificate-subject.ts';
import { ListenError } from './listen-error.ts';
import { peerHost } from './socket-gate.ts';
import type { ConnectionLimits, SocketGate } from './socket-gate.ts';
import { tlsServerOptions } from './tls-settings.ts';
import type { TlsSettings } from './tls-settings.ts';

/** What a listener tells its owner. */
export interface ListenerEvents {
  /** A client is there, its TLS handshake done. The socket has an owner from now on. */
  accepted(socket: Socket | TLSSocket, transport: 'tls' | 'unix'): void;
  /** A connection was refused because of that limit. */
  refused(host: string | undefined, limit: keyof ConnectionLimits): void;
  /** A TLS handshake failed or took too long. */
  handshakeFailed(host: string | undefined, error: Error): void;
  /** The listener itself is in trouble, out of file descriptors for instance. It goes on. */
  failed(error: Error): void;
}

const guardSockets = (server: Server, gate: SocketGate, events: ListenerEvents): void => {
  server.on('connection', (socket: Socket) => {
    const limit = gate.admit(socket);
    if (limit === undefined) return;
    events.refused(peerHost(socket), limit);
    socket.destroy();
  });
};

const startListening = async (
  server: Server,
  options: net.ListenOptions,
  where: string,
  events: ListenerEvents,
): Promise<void> => {
  try {
    server.listen({ backlog: 4096, ...options });
    await once(server, 'listening');
  } catch (error) {
    throw new ListenError(where, error as NodeJS.ErrnoException);
  }
  server.on('error', (error) => {
    events.failed(error);
  });
};

/**
 * Why a client is not let in because of its certificate, if it is not. A certificate that we do not
 * trust never counts as none, also where none is needed: its owner would only see a failed login,
 * and could not know that the certificate has expired for instance.
 */
const refusalOf = (socket: TLSSocket): Error | undefined => {
  // Its type says Error, but it is a code.
  const code: unknown = socket.authorizationError;
  if (typeof code !== 'string') return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const subject = subjectOf(certificate) ?? 'no subject';
  return new Error(`the client's certificate (${subject}) is not accepted: ${code}`);
};

/**
 * Listens for TLS connections (protocol 1).
 *
 * @throws ListenError if the address or the certificate cannot be used.
 */
export const listenTls = async (
  ip: string,
  port: number,
  settings: TlsSettings,
  gate: SocketGate,
  events: ListenerEvents,
): Promise<Server> => {
  const server = tls.createServer({ ...tlsServerOptions(settings), allowHalfOpen: true });
  guardSockets(server, gate, events);
  server.on('secureConnection', (socket) => {
    socket.setNoDelay(true);
    const refusal = refusalOf(socket);
    if (refusal !== undefined) events.handshakeFailed(peerHost(socket), refusal);
    // Who is gone already has no address any more.
    if (refusal !== undefined || socket.remoteAddress === undefined) socket.destroy();
    else events.accepted(socket, 'tls');
  });
  server.on('tlsClientError', (error, socket) => {
    // A destroyed socket has been refused, and that was told already.
    if (socket.remoteAddress !== undefined) {
      events.handshakeFailed(peerHost(socket), refusalOf(socket) ?? error);
    }
    socket.destroy();
  });
  await startListening(server, { host: ip, port }, `${ip} port ${port}`, events);
  return server;
};

const answersOn = async (file: string): Promise<boolean> => {
  const probe = net.connect(file);
  try {
    await once(probe, 'connect');
    return true;
  } catch (error) {
    // Anything else, a full queue of connections for instance, is a sign of life.
    return !['ECONNREFUSED', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '');
  } finally {
    probe.destroy();
  }
};

/** Longest path of a unix socket in bytes. Longer ones are cut off without a word. */
const maxSocketPathBytes = 107;

/** Makes way for a new socket file: an old one is removed if nobody answers on it. */
const clearSocketPath = async (file: string): Promise<void> => {
  if (Buffer.byteLength(file) > maxSocketPathBytes) {
    throw new ListenError(file, { code: 'ENAMETOOLONG' });
  }
  // Listening itself reports a missing directory as a missing permission.
  await stat(path.dirname(file)).catch((error: unknown) => {
    throw new ListenError(file, error as NodeJS.ErrnoException);
  });
  const stats = await lstat(file).catch(() => undefined);
  if (stats === undefined) return;
  if (!stats.isSocket()) throw new ListenError(file, { code: 'ENOTSOCK' });
  if (await answersOn(file)) throw new ListenError(file, { code: 'EADDRINUSE' });
  await unlink(file).catch((error: unknown) => {
    throw new ListenError(file, error as NodeJS.ErrnoException);
  });
};

/**
 * Listens on a unix domain socket (protocol 1). A socket file that is left from before is
 * replaced if nobody answers on it.
 *
 * @param mode - Permission bits of the socket file; `undefined` leaves them to the umask.
 * @throws ListenError if the path cannot be used.
 */
export const listenUnix = async (
  file: string,
  mode: number | undefined,
  gate: SocketGate,
  events: ListenerEvents,
): Promise<Server> => {
  await clearSocketPath(file);
  const server = net.createServer({ allowHalfOpen: true });
  guardSockets(server, gate, events);
  server.on('connection', (socket) => {
    if (!socket.destroyed) events.accepted(socket, 'unix');
  });
  await startListening(server, { path: file }, file, events);
  try {
    if (mode !== undefined) await chmod(file, mode);
  } catch (error) {
    server.close();
    throw new ListenError(file, error as NodeJS.ErrnoException);
  }
  return server;
};
