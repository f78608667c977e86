import type { Sample } from './signal-board.ts';

/** The least and the greatest of some numbers. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Between what they are; undefined of none. */
export const rangeOf = (samples: readonly Sample[]): Range | undefined => {
  const [first] = samples;
  if (first === undefined) return undefined;
  let { value: min } = first;
  let max = min;
  for (const { value } of samples) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
};

/** A line through numbers, as the path of an SVG: by their times from left to right. */
export const sparklinePath = (
  samples: readonly Sample[],
  { min, max }: Range,
  width: number,
  height: number,
): string => {
  const first = samples[0]?.atMs ?? 0;
  const lasted = (samples.at(-1)?.atMs ?? 0) - first;
  // Halves first: the difference of two great numbers may be no number any more.
  const span = max / 2 - min / 2;
  const place = (share: number, length: number): string => (share * length).toFixed(1);
  const points = samples.map(({ atMs, value }) => {
    const x = place(lasted === 0 ? 0 : (atMs - first) / lasted, width);
    const y = place(span === 0 ? 0.5 : 1 - (value / 2 - min / 2) / span, height);
    return `${x} ${y}`;
  });
  return lasted === 0 ? `M0 ${height / 2}H${width}` : `M${points.join('L')}`;
};
