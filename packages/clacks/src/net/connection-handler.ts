/** Who handles what comes in on a connection. */
export interface ConnectionHandler {
  /**
   * Bytes arrived: takes the lines of `Connection.next` that can be handled now.
   *
   * @returns Whether more can be handled; if not, nothing is read until `Connection.resume`.
   */
  receive(): boolean;
  /** A line was longer than allowed. */
  lineTooLong(): void;
  /** The connection is gone. Comes once, never from within a call of the connection. */
  closed(end: ConnectionEnd): void;
}

/** How a connection ended. */
export interface ConnectionEnd {
  /** Why, in the words of its first `Connection.close`. */
  readonly reason: string;
  /** Bytes that were never sent. */
  readonly discardedBytes: number;
  /** The socket's error, if that is why. */
  readonly error?: Error;
}
