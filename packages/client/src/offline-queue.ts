import { lineEnd } from '@clacks/protocol';
import type { ClacksClientError } from './errors.ts';

interface QueuedLine {
  readonly line: string;
  readonly sent: (() => void) | undefined;
}

interface Batch {
  readonly sent: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: ClacksClientError) => void;
}

const newBatch = (): Batch => {
  let settle: Pick<Batch, 'resolve' | 'reject'> | undefined;
  const sent = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Who does not wait for what is written is told by the event `dropped`.
  sent.catch(() => undefined);
  return { sent, resolve: () => settle?.resolve(), reject: (error) => settle?.reject(error) };
};

/** What is written while there is no connection, up to a number of bytes. */
export class OfflineQueue {
  readonly #maxBytes: number;
  #lines: QueuedLine[] = [];
  #bytes = 0;
  #batch: Batch | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Lines and bytes that wait. */
  get size(): { readonly lines: number; readonly bytes: number } {
    return { lines: this.#lines.length, bytes: this.#bytes };
  }

  /**
   * Keeps a line.
   *
   * @param sent - Called when the line is sent.
   * @returns A promise that is settled when the line is sent or given up; `undefined` if the queue
   * is full.
   */
  add(line: string, sent?: () => void): Promise<void> | undefined {
    const bytes = line.length + lineEnd.length;
    if (this.#bytes + bytes > this.#maxBytes) return undefined;
    this.#lines.push({ line, sent });
    this.#bytes += bytes;
    this.#batch ??= newBatch();
    return this.#batch.sent;
  }

  /** Hands out all lines, in order, and keeps none. */
  sendAll(send: (line: string) => void): void {
    for (const { line, sent } of this.#lines) {
      send(line);
      sent?.();
    }
    this.#clear()?.resolve();
  }

  /** Gives up all lines. */
  rejectAll(error: ClacksClientError): void {
    this.#clear()?.reject(error);
  }

  #clear(): Batch | undefined {
    const batch = this.#batch;
    this.#lines = [];
    this.#bytes = 0;
    this.#batch = undefined;
    return batch;
  }
}
