import type { Connection } from './connection.ts';
import { ClacksClientError } from './errors.ts';
import type { Link } from './link.ts';
import type { Requester } from './requester.ts';

/** Finds out whether the server is still there. */
export class SignOfLife {
  readonly #link: Link;
  readonly #requester: Requester;
  /** What is waited for. */
  #asked: { readonly connection: Connection; readonly dueAtMs: number } | undefined;

  constructor(link: Link, requester: Requester) {
    this.#link = link;
    this.#requester = requester;
  }

  /** How long nothing has been received, in ms; 0 while there is no connection, or it waits for us. */
  get silentMs(): number {
    const { connection } = this.#link;
    if (connection === undefined || connection.isHeld) return 0;
    return performance.now() - connection.lastReceivedAtMs;
  }

  /** Asks for a sign of life, and gives the connection up if none comes within that time. */
  async ask(timeoutMs: number): Promise<void> {
    const { connection } = this.#link;
    // Where a loop lets the server wait, an answer would come after all that waits, which would be read.
    if (connection === undefined || connection.isHeld) return;
    const askedAtMs = performance.now();
    const dueAtMs = askedAtMs + timeoutMs;
    // Who wants to know sooner than it would be known asks again.
    if (this.#asked?.connection === connection && this.#asked.dueAtMs <= dueAtMs) return;
    const asked = { connection, dueAtMs };
    this.#asked = asked;
    try {
      await this.#requester.probe(timeoutMs);
    } catch (error) {
      if (!(error instanceof ClacksClientError)) throw error;
      if (error.code !== 'CLACKS_ERR_TIMEOUT') return;
      // Whoever sends anything at all is alive, and may be busy.
      if (connection.lastReceivedAtMs < askedAtMs) connection.destroy(error);
    } finally {
      if (this.#asked === asked) this.#asked = undefined;
    }
  }
}
