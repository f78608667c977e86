import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runBench } from './bench.ts';
import type { Run } from './bench.ts';
import { makeCertificate } from './certificate.ts';
import { comparisonsOf, costsOf, faultsOf, workloadOf } from './check.ts';
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

const lineOf = ({ name, was, is, isWorse }: Comparison): string =>
  `${name}: was ${was.toFixed(2)} times the forwarder, is ${is.toFixed(2)}` +
  ` (${(100 * (is / was - 1)).toFixed(0)} %)${isWorse ? ', WORSE' : ''}\n`;

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
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  return faults.length === 0;
};

/**
 * Measures all rounds, and writes the costs of these workloads into the baseline. Returns whether it
 * did: nothing is written if something was wrong.
 */
export const writeBaseline = async (plan: GuardPlan): Promise<boolean> => {
  const runs = await measure({ ...plan, repetitions: plan.repetitions * mostRounds });
  if (!isFaultless(runs)) return false;
  const costs = { ...readBaseline(), ...costsOf(runs) };
  writeFileSync(baselineFile, `${JSON.stringify(costs, undefined, 2)}\n`);
  return true;
};

/**
 * Compares costs with the baseline, and prints them. Returns whether none has grown too much, and all
 * came that had to.
 */
export const guard = async (plan: GuardPlan): Promise<boolean> => {
  const isOf = (workloads: readonly Workload[], cost: string): boolean =>
    workloads.some(({ name }) => name === workloadOf(cost));
  const baseline = Object.fromEntries(
    Object.entries(readBaseline()).filter(([name]) => isOf(plan.workloads, name)),
  );
  const runs: Run[] = [];
  let { workloads } = plan;
  let comparisons: Comparison[] = [];
  for (let round = 1; workloads.length > 0 && round <= mostRounds; round++) {
    runs.push(...(await measure({ ...plan, workloads })));
    comparisons = comparisonsOf(baseline, costsOf(runs));
    const worse = new Set(
      comparisons.filter(({ isWorse }) => isWorse).map(({ name }) => workloadOf(name)),
    );
    workloads = plan.workloads.filter(({ name }) => worse.has(name));
  }
  for (const comparison of comparisons) process.stdout.write(lineOf(comparison));
  return isFaultless(runs) && comparisons.every(({ isWorse }) => !isWorse);
};
