import type { Run } from './bench.ts';
import { UsageError } from './options.ts';
import { isFaulty } from './workloads/workload.ts';
import type { Workload } from './workloads/workload.ts';

/** By workload and figure: the processor time of one delivery or request, in those of the forwarder. */
export type Costs = Readonly<Record<string, number>>;

/** A cost beside what it was. */
export interface Comparison {
  readonly name: string;
  readonly was: number;
  /** Infinity: it was not measured. */
  readonly is: number;
  readonly isWorse: boolean;
}

const mostGrowth = 1.15;

/** The cheapest part of all runs. */
const leastOf = (runs: readonly Run[], key: string): number =>
  Math.min(...runs.map(({ figures }) => figures[key] ?? Infinity));

/**
 * What each figure of processor time costs in relation to the forwarder's in the same runs. It is the
 * least that counts, as all that happens on a machine besides only ever adds to it.
 */
export const costsOf = (runs: readonly Run[]): Costs => {
  const costs: Record<string, number> = {};
  for (const workload of new Set(runs.map((run) => run.workload))) {
    const of = (peer: string): Run[] =>
      runs.filter((run) => run.workload === workload && run.peer === peer && !isFaulty(run));
    const [own, floor] = [of('clacks'), of('forwarder')];
    for (const key of Object.keys(own[0]?.figures ?? {})) {
      if (!/leastCpuNs$/iu.test(key)) continue;
      const cost = leastOf(own, key) / leastOf(floor, key);
      if (cost > 0 && cost < Infinity) costs[`${workload} ${key}`] = cost;
    }
  }
  return costs;
};

/** What was wrong in runs, a line each. */
export const faultsOf = (runs: readonly Run[]): string[] =>
  runs
    .filter(isFaulty)
    .map(({ workload, peer, fault = '' }) => `${workload} ${peer}: FAULT: ${fault}`);

/** The workload that a cost is of. */
export const workloadOf = (name: string): string => name.split(' ')[0] ?? '';

const kindOf = (name: string): string => name.split('/')[0] ?? '';

/**
 * Those workloads of which there are costs. Of each that is meant there must be some, or of another of
 * its kind, such as W5 for W5/10.
 */
export const comparableOf = (
  baseline: Costs,
  workloads: readonly Workload[],
): readonly Workload[] => {
  const known = new Set(Object.keys(baseline).map(workloadOf));
  const comparable = workloads.filter(({ name }) => known.has(name));
  const kinds = new Set(comparable.map(({ name }) => kindOf(name)));
  const unknown = workloads.find(({ name }) => !kinds.has(kindOf(name)));
  if (unknown === undefined) return comparable;
  const all = [...known].join(', ');
  throw new UsageError(`${unknown.name} has no costs in bench/baseline.json; there are: ${all}`);
};

/** Costs that there are, but were not: a line each. */
export const newCostsOf = (baseline: Costs, costs: Costs): string[] =>
  Object.entries(costs)
    .filter(([name]) => baseline[name] === undefined)
    .map(([name, is]) => `${name}: not in the baseline, is ${is.toFixed(2)} times the forwarder`);

/** Compares costs with what they were: 15 % more is worse, and so is what was not measured. */
export const comparisonsOf = (baseline: Costs, costs: Costs): Comparison[] =>
  Object.entries(baseline).map(([name, was]) => {
    const is = costs[name] ?? Infinity;
    return { name, was, is, isWorse: is > was * mostGrowth };
  });
