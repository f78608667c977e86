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
  readonly #stopping = new AbortController();

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
    this.#stopping.abort();
  }

  async #dial(): Promise<void> {
    const { signal } = this.#stopping;
    let socket: Socket;
    try {
      socket = await dial(
        this.#target,
        AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)]),
      );
    } catch (error) {
      if (!signal.aborted) this.#events.failed(error);
      return;
    }
    if (signal.aborted) socket.destroy();
    else this.#events.connected(socket);
  }
}
