import type { Connection } from '../net/connection.ts';

/** A connection that is open, and since when, in ms since 1970. */
export interface OpenConnection {
  readonly connection: Connection;
  readonly sinceMs: number;
}

/** The connections of a node that have a socket, and how many bytes went over all there ever were. */
export class ConnectionTable {
  readonly #open = new Map<string, OpenConnection>();
  /** Of those that are gone. */
  #received = 0;
  #sent = 0;

  get size(): number {
    return this.#open.size;
  }

  add(cid: string, connection: Connection): void {
    this.#open.set(cid, { connection, sinceMs: Date.now() });
  }

  delete(cid: string): void {
    const connection = this.#open.get(cid)?.connection;
    if (connection === undefined) return;
    this.#received += connection.bytesReceived;
    this.#sent += connection.bytesSent;
    this.#open.delete(cid);
  }

  get(cid: string): OpenConnection | undefined {
    return this.#open.get(cid);
  }

  *connections(): Generator<Connection> {
    for (const { connection } of this.#open.values()) yield connection;
  }

  /** Bytes that went over all of them, below TLS. */
  get bytes(): { readonly received: number; readonly sent: number } {
    let [received, sent] = [this.#received, this.#sent];
    for (const { connection } of this.#open.values()) {
      received += connection.bytesReceived;
      sent += connection.bytesSent;
    }
    return { received, sent };
  }
}
