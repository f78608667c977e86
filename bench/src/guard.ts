import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runBench } from './bench.ts';
import type { Run } from './bench.ts';
import { makeCertificate } from './certificate.ts';
import { comparableOf, comparisonsOf, costsOf, faultsOf, newCostsOf, workloadOf } from './check.ts';
import type { Comparison, Costs } from './check.ts';
import { pinGenerator } from './machine/cores.ts';
import { clacks } from './peers/clacks.ts';
import { forwarder } from './peers/forwarder.ts';
import { progressOf } from './report/progress.ts';
import type { Workload } from './workloads/workload.ts';

/** Workloads whose costs are compared, if nothing else is wanted. */
export const guardedWorkloads: readonly string[] = ['W1', 'W2', 'W3', 'W7', 'W8', 'W5'];

/** How often each is measured in a round. */
export const guardRepetitions = 3;

/** What seems worse is measured again: it is only if it stays so. */
const mostRounds = 4;

/** Many short runs in new processes tell more than few long ones. The least of them counts. */
const timing = { seconds: 0.6, warmUpSeconds: 0.6 };

const baselineFile = path.join(import.meta.dirname, '..', 'baseline.json');

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const lineOf = ({ name, was, is, isWorse }: Comparison): string => {
  const growth = `is ${is.toFixed(2)} (${(100 * (is / was - 1)).toFixed(0)} %)`;
  const now = is === Infinity ? 'was not measured' : growth;
  return `${name}: was ${was.toFixed(2)} times the forwarder, ${now}${isWorse ? ', WORSE' : ''}`;
};

/** What is guarded. */
export interface GuardPlan {
  readonly workloads: readonly Workload[];
  readonly repetitions: number;
}

const measure = async ({ workloads, repetitions }: GuardPlan): Promise<Run[]> => {
  pinGenerator();
  const peers = [clacks, forwarder];
  const certificate = await makeCertificate();
  const plan = { workloads, peers, repetitions, timing, certificate, mostRetries: 1 };
  return await runBench({ ...plan, isQuick: false, isVerified: false }, (run) => {
    process.stderr.write(progressOf(run));
  });
};

const readBaseline = (): Costs => JSON.parse(readFileSync(baselineFile, 'utf8')) as Costs;

/** Prints what was wrong in runs. Returns whether nothing was. */
const isFaultless = (runs: readonly Run[]): boolean => {
  const faults = faultsOf(runs);
  for (const fault of faults) print(fault);
  return faults.length === 0;
};

/**
 * Measures all rounds, and writes the costs of these workloads into the baseline. Returns whether it
 * did: nothing is written if something was wrong, or a workload has no costs.
 */
export const writeBaseline = async (plan: GuardPlan): Promise<boolean> => {
  const runs = await measure({ ...plan, repetitions: plan.repetitions * mostRounds });
  if (!isFaultless(runs)) return false;
  const measured = costsOf(runs);
  const known = new Set(Object.keys(measured).map(workloadOf));
  const costless = plan.workloads.find(({ name }) => !known.has(name));
  if (costless !== undefined) {
    print(`${costless.name} has no costs that can be compared with the forwarder's`);
    return false;
  }
  const costs = { ...readBaseline(), ...measured };
  writeFileSync(baselineFile, `${JSON.stringify(costs, undefined, 2)}\n`);
  return true;
};

/**
 * Compares costs with the baseline, and prints them. Returns whether none has grown too much, and all
 * came that had to. Throws a {@link UsageError} if there is nothing to compare a workload with.
 */
export const guard = async (plan: GuardPlan): Promise<boolean> => {
  const all = readBaseline();
  const comparable = comparableOf(all, plan.workloads);
  for (const { name } of plan.workloads.filter((workload) => !comparable.includes(workload))) {
    print(`${name} is left out: it has no costs in bench/baseline.json`);
  }
  const baseline = Object.fromEntries(
    Object.entries(all).filter(([cost]) =>
      comparable.some(({ name }) => name === workloadOf(cost)),
    ),
  );
  const runs: Run[] = [];
  let workloads = comparable;
  let comparisons: Comparison[] = [];
  for (let round = 1; workloads.length > 0 && round <= mostRounds; round++) {
    runs.push(...(await measure({ ...plan, workloads })));
    comparisons = comparisonsOf(baseline, costsOf(runs));
    const worse = new Set(
      comparisons.filter(({ isWorse }) => isWorse).map(({ name }) => workloadOf(name)),
    );
    workloads = comparable.filter(({ name }) => worse.has(name));
  }
  for (const comparison of comparisons) print(lineOf(comparison));
  for (const line of newCostsOf(baseline, costsOf(runs))) print(line);
  return isFaultless(runs) && comparisons.every(({ isWorse }) => !isWorse);
};
