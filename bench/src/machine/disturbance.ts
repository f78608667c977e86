/** What was measured of the machine while a run took place, in ms. */
export interface RunTimes {
  readonly elapsedMs: number;
  /** All processors: user, nice and system time. */
  readonly busyMs: number;
  readonly stolenMs: number;
  readonly serverMs: number;
  readonly generatorMs: number;
}

/** Of one processor. `/proc/stat` counts in steps of 10 ms, so less can't be told from nothing. */
const mostOthersShare = 0.06;

/** What others took, as a share of one processor. */
export const othersShareOf = (times: RunTimes): number => {
  const others = times.busyMs - times.serverMs - times.generatorMs;
  return (Math.max(0, others) + times.stolenMs) / times.elapsedMs;
};

/** Whether others took so much that a run says little about the server. */
export const isDisturbed = (times: RunTimes): boolean => othersShareOf(times) > mostOthersShare;
