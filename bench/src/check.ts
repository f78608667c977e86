import type { Run } from './bench.ts';
import { medianOfRuns } from './report/summary.ts';

/** By workload and figure: the processor time of one delivery or request, in those of the forwarder. */
export type Costs = Readonly<Record<string, number>>;

/** A cost that has grown. */
export interface Worse {
  readonly name: string;
  readonly was: number;
  readonly is: number;
}

const mostGrowth = 1.15;

/** What each figure of processor time costs in relation to the forwarder's in the same runs. */
export const costsOf = (runs: readonly Run[]): Costs => {
  const costs: Record<string, number> = {};
  for (const workload of new Set(runs.map((run) => run.workload))) {
    const of = (peer: string): Run[] =>
      runs.filter((run) => run.workload === workload && run.peer === peer);
    const [own, floor] = [of('clacks'), of('forwarder')];
    const keys = Object.keys(own[0]?.figures ?? {}).filter((key) => /cpuNs$/iu.test(key));
    for (const key of keys) {
      const [is, least] = [medianOfRuns(own, key), medianOfRuns(floor, key)];
      if (is !== undefined && least !== undefined) costs[`${workload} ${key}`] = is / least;
    }
  }
  return costs;
};

/** What costs 15 % more than it did, or was not measured. */
export const worseThan = (baseline: Costs, costs: Costs): Worse[] =>
  Object.entries(baseline)
    .map(([name, was]) => ({ name, was, is: costs[name] ?? Infinity }))
    .filter(({ was, is }) => is > was * mostGrowth);
