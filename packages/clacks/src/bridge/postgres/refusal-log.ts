import type { Logger } from 'pino';

/** A database may send without end what its bridge may not: one line of the log in this time, in ms. */
const pauseMs = 60_000;

/** Tells in the log what the Clacks server refuses: at once, then once a minute with their number. */
export class RefusalLog {
  readonly #logger: Logger;
  #count = 0;
  #toldAtMs = -Infinity;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** The server has answered so, to something that the bridge sent. */
  readonly refused = (answer: string): void => {
    this.#count++;
    const nowMs = performance.now();
    if (nowMs - this.#toldAtMs < pauseMs) return;
    this.#logger.error({ answer, count: this.#count }, 'the Clacks server refuses messages');
    this.#toldAtMs = nowMs;
    this.#count = 0;
  };
}
