import type { ReconnectOptions } from './options.ts';

/**
 * The pauses between attempts to connect, in ms: each up to twice as long as the one before, and
 * jittered, so that a thousand clients of a server that comes back do not all come at once.
 *
 * @param random - Gives numbers from 0 to below 1.
 */
export function* pauses(
  { initialDelayMs, maxDelayMs }: Required<ReconnectOptions>,
  random: () => number = Math.random,
): Generator<number, never> {
  // The first attempt comes nearly at once: most often the server has just been restarted.
  yield random() * Math.min(initialDelayMs, maxDelayMs);
  for (let ceiling = initialDelayMs; ; ceiling = Math.min(2 * ceiling, maxDelayMs)) {
    const bounded = Math.min(ceiling, maxDelayMs);
    yield bounded / 2 + (random() * bounded) / 2;
  }
}

/** Resolves after that time, or when the signal is aborted. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
