import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { TransportKind } from '../broker/ports.ts';
import type { ByteStream } from '../net/byte-stream.ts';
import type { ListenerEvents } from '../net/listener.ts';
import type { WebSocketEvents } from '../net/websocket-door.ts';
import type { BoundedLog } from './bounded-log.ts';
import { printable } from './printable.ts';
import type { Statistics } from './statistics.ts';

/** Characters of an origin that are logged. */
const maxOriginLength = 256;

/** Who hears of what happens where a node listens. */
interface Surroundings {
  readonly logger: Logger;
  /** For what may come in floods. */
  readonly boundedLog: BoundedLog;
  readonly statistics: Statistics;
}

/**
 * Logs and counts what happens where a node listens.
 *
 * @param accept - Gets whoever is there, with the socket that carries the stream.
 */
export const listenerEvents = (
  accept: (stream: ByteStream, socket: Socket, transport: TransportKind) => void,
  { logger, boundedLog, statistics }: Surroundings,
): ListenerEvents & WebSocketEvents => ({
  accepted: (socket, transport) => {
    accept(socket, socket, transport);
  },
  opened: (stream, socket) => {
    accept(stream, socket, 'websocket');
  },
  refused: (host, limit) => {
    statistics.refused[limit]++;
    boundedLog.tell('warn', { host, limit }, 'connection refused: too many');
  },
  originRefused: (host, origin) => {
    const details = { host, origin: printable(origin.slice(0, maxOriginLength)) };
    boundedLog.tell('warn', details, 'WebSocket refused: its page may not come from there');
  },
  handshakeFailed: (host, error) => {
    statistics.tlsHandshakesFailed++;
    boundedLog.tell('info', { host, reason: error.message }, 'TLS handshake failed');
  },
  failed: (error) => {
    logger.error({ err: error }, 'listener failed');
  },
});
