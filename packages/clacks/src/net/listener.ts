import { once } from 'node:events';
import { chmod, lstat, stat, unlink } from 'node:fs/promises';
import net from 'node:net';
import type { Server, Socket } from 'node:net';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { isMainThread } from 'node:worker_threads';
import { ListenError } from './listen-error.ts';
import { peerHost } from './socket-gate.ts';
import type { ConnectionLimits, SocketGate } from './socket-gate.ts';
import type { TlsHandshakes } from './tls-handshakes.ts';

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

/** Hands on a new socket, if there may be one more, as soon as the node serves anybody. */
export const guardSocket = (
  socket: Socket,
  gate: SocketGate,
  events: ListenerEvents,
  admitted: (socket: Socket) => void,
): void => {
  const limit = gate.admit(socket);
  if (limit === undefined) {
    gate.whenOpen(socket, admitted);
    return;
  }
  events.refused(peerHost(socket), limit);
  socket.destroy();
};

const guardSockets = (
  server: Server,
  gate: SocketGate,
  events: ListenerEvents,
  admitted: (socket: Socket) => void,
): void => {
  server.on('connection', (socket: Socket) => {
    guardSocket(socket, gate, events, admitted);
  });
};

const startListening = async (
  server: Server,
  options: net.ListenOptions,
  where: string,
  events: ListenerEvents,
  whileBinding: (bind: () => void) => void = (bind) => {
    bind();
  },
): Promise<void> => {
  try {
    whileBinding(() => {
      server.listen({ backlog: 4096, ...options });
    });
    await once(server, 'listening');
  } catch (error) {
    throw new ListenError(where, error as NodeJS.ErrnoException);
  }
  server.on('error', (error) => {
    events.failed(error);
  });
};

/**
 * Listens on a TCP port.
 *
 * @param admitted - Gets each socket that was let in, as soon as the node serves anybody.
 * @throws ListenError if the address cannot be used.
 */
export const listenTcp = async (
  ip: string,
  port: number,
  gate: SocketGate,
  events: ListenerEvents,
  admitted: (socket: Socket) => void,
): Promise<Server> => {
  const server = net.createServer({ allowHalfOpen: true });
  guardSockets(server, gate, events, admitted);
  await startListening(server, { host: ip, port }, `${ip} port ${port}`, events);
  return server;
};

/**
 * Listens for TLS connections (protocol 1).
 *
 * @throws ListenError if the address cannot be used.
 */
export const listenTls = (
  ip: string,
  port: number,
  handshakes: TlsHandshakes,
  gate: SocketGate,
  events: ListenerEvents,
): Promise<Server> =>
  listenTcp(ip, port, gate, events, (socket) => {
    handshakes.begin(socket);
  });

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

/** For the owner of the process only. */
const ownersUmask = 0o177;

/**
 * Binds a socket file that nobody else can connect to until it gets its mode. A worker thread cannot
 * set the umask: there the process's own one counts for that moment.
 */
const bindForOwner = (bind: () => void): void => {
  if (!isMainThread) {
    bind();
    return;
  }
  // It is the whole process's, but binding is done before anything else can happen.
  const umask = process.umask(ownersUmask);
  try {
    bind();
  } finally {
    process.umask(umask);
  }
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
  guardSockets(server, gate, events, (socket) => {
    events.accepted(socket, 'unix');
  });
  const whileBinding = mode === undefined ? undefined : bindForOwner;
  await startListening(server, { path: file }, file, events, whileBinding);
  try {
    if (mode !== undefined) await chmod(file, mode);
  } catch (error) {
    server.close();
    throw new ListenError(file, error as NodeJS.ErrnoException);
  }
  return server;
};
