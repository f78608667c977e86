import type { Sample } from '../node-under-test.ts';
import { medianOf } from '../statistics.ts';

/** A sample of the master, and what has happened since the one before. */
export interface Moment {
  readonly atS: number;
  readonly master: Sample;
  /** Not while it is cut off. */
  readonly slave: Sample | undefined;
  /** A second, as things were meant to be, and as they were. */
  readonly offered: number;
  readonly sent: number;
  readonly delivered: number;
  /** Share of a processor. */
  readonly masterLoad: number;
  readonly generatorLoad: number;
}

/** Something that must not grow. */
interface Measure {
  readonly name: string;
  readonly unit: string;
  readonly of: (sample: Sample) => number;
  /** What it may grow by: a share, and so much more. */
  readonly share: number;
  readonly more: number;
}

const mib = 2 ** 20;

const fewestMoments = 9;

const measures: readonly Measure[] = [
  { name: 'resident', unit: 'MiB', of: (s) => s.residentBytes / mib, share: 0.1, more: 16 },
  { name: 'heap', unit: 'MiB', of: (s) => s.heapBytes / mib, share: 0.05, more: 4 },
  { name: 'external', unit: 'MiB', of: (s) => s.externalBytes / mib, share: 0.05, more: 4 },
  { name: 'handles', unit: '', of: (s) => s.handles, share: 0.02, more: 10 },
  { name: 'file descriptors', unit: '', of: (s) => s.fileDescriptors, share: 0.02, more: 10 },
];

/** How something has grown. */
export interface Growth {
  readonly name: string;
  readonly unit: string;
  readonly before: number;
  readonly after: number;
  readonly allowed: number;
  readonly isGood: boolean;
}

/**
 * Compares the first third of what follows the warm-up with the last third: medians of each. What
 * leaks grows with time; what comes and goes does not matter. Too few moments tell nothing: then
 * there is no result.
 */
export const growthOf = (moments: readonly Moment[], warmUpS: number): Growth[] => {
  const warm = moments.filter(({ atS }) => atS >= warmUpS);
  if (warm.length < fewestMoments) return [];
  const third = Math.floor(warm.length / 3);
  return measures.map(({ name, unit, of, share, more }) => {
    const median = (part: readonly Moment[]): number =>
      medianOf(part.map(({ master }) => of(master)));
    const [before, after] = [median(warm.slice(0, third)), median(warm.slice(-third))];
    const allowed = before * (1 + share) + more;
    return { name, unit, before, after, allowed, isGood: after <= allowed };
  });
};
