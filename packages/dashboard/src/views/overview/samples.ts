import type { ApiSample } from 'clacks/admin-api';

/** Seconds that are remembered. */
const samplesMax = 600;
/** Longest time between two samples without a gap, in ms: one may be missing. */
const gapMs = 3000;

/** What of a sample is drawn. */
export type SampleKind = Exclude<keyof ApiSample, 'atMs'>;

/** A time of which nothing is known, in ms since 1970. */
export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The samples of before with those that came, the oldest first, each once, and none too old. */
export const addSamples = (
  known: readonly ApiSample[],
  came: readonly ApiSample[],
): readonly ApiSample[] => {
  const times = new Set(known.map(({ atMs }) => atMs));
  const fresh = came.filter(({ atMs }) => atMs > 0 && !times.has(atMs));
  if (fresh.length === 0) return known;
  const all = [...known, ...fresh].sort((one, other) => one.atMs - other.atMs);
  return all.slice(-samplesMax);
};

/** The times of which nothing is known, up to now. */
export const gapsOf = (samples: readonly ApiSample[], nowMs: number): readonly Gap[] => {
  const gaps: Gap[] = [];
  samples.forEach(({ atMs }, index) => {
    const next = samples[index + 1]?.atMs ?? nowMs;
    if (next - atMs > gapMs) gaps.push({ fromMs: atMs, toMs: next });
  });
  return gaps;
};

/** A column of times and one for each kind, as uPlot takes them: null in gaps, where no line is. */
export type Points = [number[], ...(number | null)[][]];

/** What is drawn of some samples. */
export const pointsOf = (samples: readonly ApiSample[], kinds: readonly SampleKind[]): Points => {
  const times: number[] = [];
  const columns = kinds.map((): (number | null)[] => []);
  let beforeMs: number | undefined;
  for (const sample of samples) {
    if (beforeMs !== undefined && sample.atMs - beforeMs > gapMs) {
      times.push(beforeMs + 1);
      for (const column of columns) column.push(null);
    }
    times.push(sample.atMs);
    kinds.forEach((kind, index) => columns[index]?.push(sample[kind]));
    beforeMs = sample.atMs;
  }
  return [times, ...columns];
};

/** The sample of a moment; undefined if it is in a gap. */
export const sampleAt = (samples: readonly ApiSample[], atMs: number): ApiSample | undefined => {
  let nearest: ApiSample | undefined;
  for (const sample of samples) {
    const distance = Math.abs(sample.atMs - atMs);
    if (distance > gapMs / 2) continue;
    if (nearest === undefined || distance < Math.abs(nearest.atMs - atMs)) nearest = sample;
  }
  return nearest;
};

/** Mean and greatest of some samples; 0 if there are none. */
export const extentOf = (
  samples: readonly ApiSample[],
  kind: SampleKind,
): { readonly mean: number; readonly max: number } => {
  let sum = 0;
  let max = 0;
  for (const { [kind]: value } of samples) {
    sum += value;
    max = Math.max(max, value);
  }
  return { mean: samples.length === 0 ? 0 : sum / samples.length, max };
};
