import { setTimeout as wait } from 'node:timers/promises';

const initialPauseMs = 100;
const maxPauseMs = 30_000;

/** Waits so long, in ms, or until the signal is aborted. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  await wait(ms, undefined, { signal }).catch(() => undefined);
};

/** Pauses between attempts to connect, in ms: longer and longer ones, none like that of another bridge. */
export class Backoff {
  #attempts = 0;

  next(): number {
    const pauseMs = Math.min(maxPauseMs, initialPauseMs * 2 ** Math.min(this.#attempts++, 20));
    return pauseMs * (0.5 + Math.random() / 2);
  }

  /** It has worked. */
  reset(): void {
    this.#attempts = 0;
  }
}
