/** A time that means nothing: runs with the same seed see the same times. */
const epochMs = 1_800_000_000_000;

let sinceStartMs = 0;

/**
 * Stops the clocks that the server reads: while an input is handled, no time passes, so that two
 * servers that get the same input can give the same answers. Timers run as ever.
 */
export const stopClock = (): void => {
  Date.now = () => epochMs + sinceStartMs;
  performance.now = () => sinceStartMs;
};

/** Lets time pass. */
export const advanceClock = (ms: number): void => {
  sinceStartMs += ms;
};
