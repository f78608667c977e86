/** What a stream tells of what comes in frames and is not whole yet. */
export interface FrameHandler {
  /** So many bytes have come in that cannot be handed on, since their frame is not complete. */
  unfinished(bytes: number): void;
  /** A frame was longer than allowed. Nothing more will come. */
  tooLong(): void;
}

/** What carries the bytes of a connection: a socket of Node.js, or something that behaves like one. */
export interface ByteStream {
  /** Whether nothing is sent any more. */
  readonly destroyed: boolean;
  /** Bytes that came in on the socket, and that it was handed to send. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /**
   * Sends bytes.
   *
   * @param written - Called when the system has taken them, or with an error.
   */
  write(
    bytes: string | Uint8Array,
    encoding?: 'latin1',
    written?: (error?: Error | null) => void,
  ): unknown;
  /** Closes when everything is sent. */
  end(): unknown;
  /** Closes at once. */
  destroy(): unknown;
  /** Brings nothing more for now, but for what has been read already. */
  pause(): unknown;
  /** Brings more again. */
  resume(): unknown;
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** There if bytes come in frames. */
  setFrameHandler?(handler: FrameHandler): void;
}
