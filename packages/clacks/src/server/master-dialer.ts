import type { Socket } from 'node:net';
import { dial } from '../net/dialer.ts';
import type { DialTarget } from '../net/dialer.ts';

/** What becomes of an attempt to connect to the master. */
export interface DialEvents {
  /** The connection is there. The socket has an owner from now on. */
  connected(socket: Socket): void;
  failed(error: unknown): void;
}

/** Connects to the master whenever it is told to. */
export class MasterDialer {
  readonly #target: DialTarget;
  readonly #timeoutMs: number;
  readonly #events: DialEvents;
  #isStopped = false;
  #attempt: AbortController | undefined;

  /** @param timeoutMs - How long an attempt may take. */
  constructor(target: DialTarget, timeoutMs: number, events: DialEvents) {
    this.#target = target;
    this.#timeoutMs = timeoutMs;
    this.#events = events;
  }

  /** Begins an attempt. */
  dial(): void {
    void this.#dial();
  }

  /** Gives up the attempt that is under way. No event comes any more. */
  stop(): void {
    this.#isStopped = true;
    this.#attempt?.abort();
  }

  async #dial(): Promise<void> {
    // One for each attempt: a signal that lives on remembers every attempt.
    const attempt = new AbortController();
    this.#attempt = attempt;
    const timer = setTimeout(() => {
      attempt.abort(new Error(`no connection within ${this.#timeoutMs} ms`));
    }, this.#timeoutMs);
    let socket: Socket;
    try {
      socket = await dial(this.#target, attempt.signal);
    } catch (error) {
      if (!this.#isStopped) this.#events.failed(error);
      return;
    } finally {
      clearTimeout(timer);
    }
    if (this.#isStopped) socket.destroy();
    else this.#events.connected(socket);
  }
}
