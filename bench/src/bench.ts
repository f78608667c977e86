import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Certificate } from './certificate.ts';
import type { Peer } from './peers/peer.ts';
import { isFaulty, transportOf } from './workloads/workload.ts';
import type { Outcome, RunContext, Workload } from './workloads/workload.ts';

/** What is measured, and how often. */
export interface BenchPlan {
  readonly workloads: readonly Workload[];
  readonly peers: readonly Peer[];
  readonly repetitions: number;
  /** How often a run that others have disturbed is repeated. */
  readonly mostRetries: number;
  readonly isQuick: boolean;
  readonly isVerified: boolean;
  readonly timing: Pick<RunContext, 'seconds' | 'warmUpSeconds'>;
  readonly certificate: Certificate;
}

/** A run, as it is kept. */
export interface Run extends Outcome {
  readonly workload: string;
  readonly peer: string;
  readonly repetition: number;
}

const runOnce = async (plan: BenchPlan, workload: Workload, peer: Peer): Promise<Outcome> => {
  const { certificate, isQuick, isVerified, timing } = plan;
  const directory = await mkdtemp(path.join(tmpdir(), 'clacks-bench-'));
  const transport = transportOf(workload, peer);
  const running = await peer.start({ transport, certificate, directory });
  let onClose: (error: Error) => void = () => undefined;
  const failure = new Promise<never>((_, reject) => {
    onClose = reject;
  });
  try {
    const context = { peer, running, isQuick, isVerified, ca: certificate.cert, onClose };
    // Without its server a run may never end.
    return await Promise.race([workload.run({ ...context, ...timing }), failure]);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${workload.name} ${peer.name}: ${message}`, { cause: error });
  } finally {
    await running.stop();
    await rm(directory, { recursive: true });
  }
};

/**
 * A run that others have disturbed is repeated; if none is better, the least disturbed one is kept. One
 * with a fault is kept at once: no calmer one may hide it.
 */
const runUndisturbed = async (
  plan: BenchPlan,
  workload: Workload,
  peer: Peer,
): Promise<Outcome> => {
  let best = await runOnce(plan, workload, peer);
  for (let retry = 0; retry < plan.mostRetries; retry++) {
    if (isFaulty(best) || !best.lap.isDisturbed) break;
    const outcome = await runOnce(plan, workload, peer);
    if (isFaulty(outcome) || outcome.lap.othersLoad < best.lap.othersLoad) best = outcome;
  }
  return best;
};

/**
 * Runs all workloads with all peers in turn, and again for each repetition: what changes slowly on the
 * machine is the same for all.
 */
export const runBench = async (plan: BenchPlan, tell: (run: Run) => void): Promise<Run[]> => {
  const runs: Run[] = [];
  for (let repetition = 1; repetition <= plan.repetitions; repetition++) {
    for (const workload of plan.workloads) {
      for (const peer of plan.peers.filter(({ name }) => workload.peers.includes(name))) {
        const outcome = await runUndisturbed(plan, workload, peer);
        const run = { ...outcome, workload: workload.name, peer: peer.name, repetition };
        runs.push(run);
        tell(run);
      }
    }
  }
  return runs;
};
