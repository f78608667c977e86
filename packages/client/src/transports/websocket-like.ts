/**
 * What is needed of a WebSocket: that of a browser, of Node.js from version 22 on, or of the package
 * `ws`.
 */
export interface WebSocketLike {
  binaryType: string;
  /** Bytes that were sent and that the system has not taken yet. */
  readonly bufferedAmount: number;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number): void;
  /** Closes without waiting for the other side, where that can be done. */
  terminate?(): void;
  /** Reads no more for now, and reads again, where that can be done. */
  pause?(): void;
  resume?(): void;
  // Handlers are set, never called: so whatever type of event they are called with will do.
  onopen: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
}

/** Makes a WebSocket. */
export type WebSocketConstructor = new (url: string) => WebSocketLike;
