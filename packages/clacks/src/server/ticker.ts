/** Somebody who has things to do at times. */
interface Agenda {
  /** When something is next due, in ms of `performance.now()`. */
  readonly nextTickMs: number;
}

/** Longest pause between two ticks in ms. */
const longestPauseMs = 60_000;

/** Calls somebody when something is due, with one timer. */
export class Ticker {
  readonly #agenda: Agenda;
  readonly #tick: () => void;
  #timer: NodeJS.Timeout | undefined;
  #dueAtMs = Infinity;
  #state: 'new' | 'started' | 'stopped' = 'new';

  /** @param tick - Called when something is due. */
  constructor(agenda: Agenda, tick: () => void) {
    this.#agenda = agenda;
    this.#tick = tick;
  }

  /** Starts ticking. */
  start(): void {
    this.#state = 'started';
    this.wake();
  }

  /** Looks again when the next tick is due. */
  wake(): void {
    // Who logs in over HTTP early, and connections that close late, ask for it as well.
    if (this.#state !== 'started') return;
    const { nextTickMs } = this.#agenda;
    if (this.#timer !== undefined && nextTickMs >= this.#dueAtMs) return;
    clearTimeout(this.#timer);
    const nowMs = performance.now();
    const pauseMs = Math.min(Math.max(0, nextTickMs - nowMs), longestPauseMs);
    this.#dueAtMs = nowMs + pauseMs;
    this.#timer = setTimeout(this.#onTimer, pauseMs);
  }

  /** Stops ticking, for good. */
  stop(): void {
    this.#state = 'stopped';
    clearTimeout(this.#timer);
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#tick();
    this.wake();
  };
}
