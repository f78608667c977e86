/** What a transport tells its owner. */
export interface TransportEvents {
  /** Bytes came in, as a wire string. */
  received(wire: string): void;
  /** Everything written so far has been taken by the system. */
  drained(): void;
  /** The connection is gone. Comes once, and is the last event. */
  closed(error: Error | undefined): void;
}

/** Bytes to and from a server, however they travel. */
export interface Transport {
  /** Bytes written that the system has not taken yet. */
  readonly bufferedBytes: number;
  /** Sends a wire string, and calls `taken` when the system has taken it; never if that fails. */
  write(wire: string, taken: () => void): void;
  /** Sends what was written, then closes. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
  /** Reads no more for now, where that can be done: a WebSocket of a browser cannot. */
  pause?(): void;
  /** Reads again. */
  resume?(): void;
}
