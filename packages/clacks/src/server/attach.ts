import type { Logger } from 'pino';
import type { Broker } from '../broker/broker.ts';
import type { ConnectionFacts, ConnectionPort } from '../broker/ports.ts';
import type { Session } from '../broker/session.ts';
import { linesOfUsual } from './bounded-log.ts';
import type { BoundedLog } from './bounded-log.ts';
import type { ByteStream } from '../net/byte-stream.ts';
import { Connection } from '../net/connection.ts';
import type { ConnectionEnd, ConnectionHandler } from '../net/connection-handler.ts';
import type { ConnectionShared } from '../net/connection-shared.ts';

/** What a connection is attached with. */
export interface Attachment {
  readonly broker: Broker;
  readonly shared: ConnectionShared;
  readonly logger: Logger;
  /** For what may come in floods. */
  readonly boundedLog: BoundedLog;
  /** Called when the broker may want to be called earlier than before. */
  readonly wakeTicker: () => void;
  /** Called when the connection is gone, with the reason. */
  readonly detached: (reason: string) => void;
}

/** Tells the broker what time it is. */
export const tellTime = (broker: Broker): void => {
  broker.setTime(Date.now(), performance.now());
};

const portOf = (connection: Connection, facts: ConnectionFacts, cid: string): ConnectionPort => ({
  facts,
  cid,
  get outbufferLength() {
    return connection.outbufferLength;
  },
  get inbufferLength() {
    return connection.inbufferLength;
  },
  get stalledSinceMs() {
    return connection.stalledSinceMs;
  },
  get lastSentAtMs() {
    return connection.lastSentAtMs;
  },
  send: (lines) => {
    connection.send(lines);
  },
  close: (reason) => {
    connection.close(reason);
  },
  setLink: (isLink) => {
    connection.setLink(isLink);
  },
  resume: () => {
    connection.resume();
  },
});

const logEnd = (log: BoundedLog, cid: string, end: ConnectionEnd): void => {
  const { reason, discardedBytes, error } = end;
  // That a login failed is told already, in a way that a flood of them does not fill the log.
  const level = reason === 'login_failed' || reason === 'login_unavailable' ? 'debug' : 'info';
  const details = { cid, reason, discardedBytes, ...(error && { error: error.message }) };
  log.tell(level, details, 'connection closed', linesOfUsual);
};

/**
 * Joins a connection to a session of the broker: the only place that knows both. The connection
 * brings lines and takes lines; the session decides what they mean.
 *
 * @param open - Makes the session.
 */
export const attach = (
  stream: ByteStream,
  { cid, ...facts }: ConnectionFacts & { readonly cid: string },
  attachment: Attachment,
  open: (port: ConnectionPort) => Session,
): Connection => {
  const { broker, shared, logger, boundedLog, wakeTicker, detached } = attachment;
  tellTime(broker);
  return new Connection(stream, shared, (connection): ConnectionHandler => {
    const session = open(portOf(connection, facts, cid));
    wakeTicker();
    const { certificateSubject } = facts;
    logger.debug(
      { cid, ...(certificateSubject !== undefined && { certificateSubject }) },
      'connection opened',
    );
    return {
      receive: () => {
        tellTime(broker);
        const takesMore = broker.receive(session, connection);
        wakeTicker();
        return takesMore;
      },
      lineTooLong: () => {
        broker.lineTooLong(session, shared.limits.maxLineLength);
      },
      closed: (end) => {
        tellTime(broker);
        broker.closed(session, end.discardedBytes);
        wakeTicker();
        logEnd(boundedLog, cid, end);
        detached(end.reason);
      },
    };
  });
};
