import type { Logger } from 'pino';

/** In what time so many lines are written at most, in ms. */
const periodMs = 60_000;

/** Tells in the log what others can bring about without end: some lines a minute, then their number. */
export class PacedLog {
  readonly #logger: Logger;
  readonly #level: 'warn' | 'error';
  readonly #message: string;
  readonly #linesMax: number;
  #beganAtMs = -Infinity;
  #lines = 0;
  #count = 0;

  /** @param linesMax - Lines a minute. What is left out counts in the `count` of the next one. */
  constructor(logger: Logger, level: 'warn' | 'error', message: string, linesMax: number) {
    this.#logger = logger;
    this.#level = level;
    this.#message = message;
    this.#linesMax = linesMax;
  }

  /** It has happened. */
  tell(details: object): void {
    const nowMs = performance.now();
    if (nowMs - this.#beganAtMs >= periodMs) {
      this.#beganAtMs = nowMs;
      this.#lines = 0;
    }
    this.#count++;
    if (this.#lines >= this.#linesMax) return;
    this.#lines++;
    this.#logger[this.#level]({ ...details, count: this.#count }, this.#message);
    this.#count = 0;
  }
}
