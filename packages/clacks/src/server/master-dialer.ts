import type { Socket } from 'node:net';
import { dial } from '../net/dialer.ts';
import type { DialTarget } from '../net/dialer.ts';

/** What becomes of an attempt to connect to the master. */
export interface DialEvents {
  /** The connection is there. The socket has an owner from now on. */
  connected(socket: Socket): void;
  failed(error: unknown): void;
}

/** How to connect. */
interface DialSettings {
  /** How long an attempt may take, in ms. */
  readonly authTimeoutMs: number;
}

/** Connects to the master whenever it is told to. */
export class MasterDialer {
  readonly #target: DialTarget;
  readonly #settings: DialSettings;
  readonly #events: DialEvents;
  #isStopped = false;
  #attempt: AbortController | undefined;

  /** @param settings - Read at each attempt. */
  constructor(target: DialTarget, settings: DialSettings, events: DialEvents) {
    this.#target = target;
    this.#settings = settings;
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
    const { authTimeoutMs } = this.#settings;
    const timer = setTimeout(() => {
      attempt.abort(new Error(`no connection within ${authTimeoutMs} ms`));
    }, authTimeoutMs);
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
