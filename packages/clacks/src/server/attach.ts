import type { Logger } from 'pino';
import type { Broker } from '../broker/broker.ts';
import type { CloseReason, ConnectionFacts, ConnectionPort } from '../broker/ports.ts';
import type { Session } from '../broker/session.ts';
import { linesOfUsual } from './bounded-log.ts';
import type { BoundedLog } from './bounded-log.ts';
import type { ByteStream } from '../net/byte-stream.ts';
import { Connection } from '../net/connection.ts';
import type { ConnectionEnd, ConnectionHandler } from '../net/connection-handler.ts';
import type { ConnectionShared } from '../net/connection-shared.ts';

/** What all connections of a node are attached with. */
export interface Attachment {
  readonly broker: Broker;
  readonly shared: ConnectionShared;
  readonly logger: Logger;
  /** For what may come in floods. */
  readonly boundedLog: BoundedLog;
  /** Called when the broker may want to be called earlier than before. */
  readonly wakeTicker: () => void;
  /** Called when the connection of that name is gone, with the reason. */
  readonly detached: (cid: string, reason: string) => void;
}

/** What is known of a connection, and its name. */
export type NamedFacts = ConnectionFacts & { readonly cid: string };

/** Makes the session of a connection. */
export type OpenSession = (port: ConnectionPort) => Session;

/** Tells the broker what time it is. */
export const tellTime = (broker: Broker): void => {
  broker.setTime(Date.now(), performance.now());
};

const logEnd = (log: BoundedLog, cid: string, end: ConnectionEnd): void => {
  const { reason, discardedBytes, error } = end;
  // That a login failed is told already, in a way that a flood of them does not fill the log.
  const level = reason === 'login_failed' || reason === 'login_unavailable' ? 'debug' : 'info';
  const details = { cid, reason, discardedBytes, ...(error && { error: error.message }) };
  log.tell(level, details, 'connection closed', linesOfUsual);
};

/**
 * Between a connection and its session: what the one is told by the other. There are as many as
 * connections, so it is one object without functions of its own.
 */
class Joint implements ConnectionHandler, ConnectionPort {
  readonly facts: NamedFacts;
  readonly #connection: Connection;
  readonly #attachment: Attachment;
  readonly #session: Session;

  constructor(
    connection: Connection,
    facts: NamedFacts,
    attachment: Attachment,
    open: OpenSession,
  ) {
    this.#connection = connection;
    this.facts = facts;
    this.#attachment = attachment;
    this.#session = open(this);
  }

  get cid(): string {
    return this.facts.cid;
  }

  get outbufferLength(): number {
    return this.#connection.outbufferLength;
  }

  get inbufferLength(): number {
    return this.#connection.inbufferLength;
  }

  get stalledSinceMs(): number {
    return this.#connection.stalledSinceMs;
  }

  get lastSentAtMs(): number {
    return this.#connection.lastSentAtMs;
  }

  send(lines: string): void {
    this.#connection.send(lines);
  }

  close(reason: CloseReason): void {
    this.#connection.close(reason);
  }

  setLink(isLink: boolean): void {
    this.#connection.setLink(isLink);
  }

  resume(): void {
    this.#connection.resume();
  }

  receive(): boolean {
    const { broker, wakeTicker } = this.#attachment;
    tellTime(broker);
    const takesMore = broker.receive(this.#session, this.#connection);
    wakeTicker();
    return takesMore;
  }

  lineTooLong(): void {
    const { broker, shared } = this.#attachment;
    broker.lineTooLong(this.#session, shared.limits.maxLineLength);
  }

  closed(end: ConnectionEnd): void {
    const { broker, boundedLog, wakeTicker, detached } = this.#attachment;
    tellTime(broker);
    broker.closed(this.#session, end.discardedBytes);
    wakeTicker();
    logEnd(boundedLog, this.cid, end);
    detached(this.cid, end.reason);
  }
}

/**
 * Joins a connection to a session of the broker: the only place that knows both. The connection
 * brings lines and takes lines; the session decides what they mean.
 */
export const attach = (
  stream: ByteStream,
  facts: NamedFacts,
  attachment: Attachment,
  open: OpenSession,
): Connection => {
  const { broker, shared, logger, wakeTicker } = attachment;
  tellTime(broker);
  const connection = new Connection(
    stream,
    shared,
    (made) => new Joint(made, facts, attachment, open),
  );
  wakeTicker();
  const { cid, certificateSubject } = facts;
  logger.debug(
    { cid, ...(certificateSubject !== undefined && { certificateSubject }) },
    'connection opened',
  );
  return connection;
};
