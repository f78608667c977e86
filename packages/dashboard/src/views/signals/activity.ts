/** After so many ms what was counted has lost most of its weight. */
const fadeMs = 5000;
/** Rates are those of a second at least: of a single signal there is none yet. */
const ageMinMs = 1000;

/** What was counted, the older the less of it: a rate that needs no list of times. */
export interface Activity {
  readonly weight: number;
  readonly atMs: number;
}

const faded = ({ weight, atMs }: Activity, nowMs: number): number =>
  weight * Math.exp((atMs - nowMs) / fadeMs);

/** Counts. */
export const addActivity = (
  activity: Activity | undefined,
  count: number,
  nowMs: number,
): Activity => ({
  weight: count + (activity === undefined ? 0 : faded(activity, nowMs)),
  atMs: nowMs,
});

/**
 * How many there were a second lately.
 *
 * @param beganAtMs - When counting began.
 */
export const ratePerS = (activity: Activity, beganAtMs: number, nowMs: number): number => {
  const ageMs = Math.max(ageMinMs, nowMs - beganAtMs);
  // As much as would be there if the rate had been 1 a ms since then.
  const full = fadeMs * (1 - Math.exp(-ageMs / fadeMs));
  return (faded(activity, nowMs) / full) * 1000;
};
