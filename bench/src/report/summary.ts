import type { Run } from '../bench.ts';
import { medianOf } from '../statistics.ts';
import { isFaulty } from '../workloads/workload.ts';
import type { Figure, Growth, Workload } from '../workloads/workload.ts';

/** The medians of one figure. */
export interface Row {
  readonly workload: string;
  readonly title: string;
  readonly figure: Figure;
  /** What it shows the growth of, if it does. */
  readonly growth?: Growth;
  /** By peer: those that were measured. */
  readonly medians: ReadonlyMap<string, number>;
}

/** The median of a figure. Disturbed runs count only if there are no others, those with a fault never. */
export const medianOfRuns = (runs: readonly Run[], key: string): number | undefined => {
  const right = runs.filter((run) => !isFaulty(run));
  const clean = right.filter(({ lap }) => !lap.isDisturbed);
  const values = (clean.length > 0 ? clean : right).flatMap(({ figures }) => figures[key] ?? []);
  return values.length === 0 ? undefined : medianOf(values);
};

/** The medians of all figures. */
export const summarise = (workloads: readonly Workload[], runs: readonly Run[]): Row[] =>
  workloads.flatMap(({ name, title, figures, growth }) =>
    figures.map((figure) => {
      const ofWorkload = runs.filter(({ workload }) => workload === name);
      const medians = new Map<string, number>();
      for (const peer of new Set(ofWorkload.map((run) => run.peer))) {
        const ofPeer = ofWorkload.filter((run) => run.peer === peer);
        const median = medianOfRuns(ofPeer, figure.key);
        if (median !== undefined) medians.set(peer, median);
      }
      return {
        workload: name,
        title: [title, figure.title].filter(Boolean).join(', '),
        figure,
        medians,
        ...(growth !== undefined && { growth }),
      };
    }),
  );

/** All peers of which there is a median. */
export const peersOf = (rows: readonly Row[]): string[] => [
  ...new Set(rows.flatMap(({ medians }) => [...medians.keys()])),
];
