import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Certificate } from './certificate.ts';
import type { Peer } from './peers/peer.ts';
import { transportOf } from './workloads/workload.ts';
import type { Outcome, Workload } from './workloads/workload.ts';

/** What is measured, and how often. */
export interface BenchPlan {
  readonly workloads: readonly Workload[];
  readonly peers: readonly Peer[];
  readonly repetitions: number;
  readonly isQuick: boolean;
  readonly isVerified: boolean;
  readonly certificate: Certificate;
}

/** A run, as it is kept. */
export interface Run extends Outcome {
  readonly workload: string;
  readonly peer: string;
  readonly repetition: number;
}

/** How often a run that others have disturbed is repeated. */
const mostRetries = 3;

const runOnce = async (plan: BenchPlan, workload: Workload, peer: Peer): Promise<Outcome> => {
  const { certificate, isQuick, isVerified } = plan;
  const directory = await mkdtemp(path.join(tmpdir(), 'clacks-bench-'));
  const transport = transportOf(workload, peer);
  const running = await peer.start({ transport, certificate, directory });
  try {
    return await workload.run({
      ...{ peer, running, isQuick, isVerified, ca: certificate.cert },
      seconds: isQuick ? 0.2 : 2,
      warmUpSeconds: isQuick ? 0.1 : 1,
    });
  } finally {
    await running.stop();
    await rm(directory, { recursive: true });
  }
};

/**
 * Runs all workloads, each repetition with all peers in turn. A run that others have disturbed is
 * repeated; if none is better, the least disturbed one is kept.
 */
export const runBench = async (plan: BenchPlan, tell: (run: Run) => void): Promise<Run[]> => {
  const runs: Run[] = [];
  for (const workload of plan.workloads) {
    const peers = plan.peers.filter(({ name }) => workload.peers.includes(name));
    for (let repetition = 1; repetition <= plan.repetitions; repetition++) {
      for (const peer of peers) {
        let best: Outcome | undefined;
        for (let retry = 0; retry <= (plan.isQuick ? 0 : mostRetries); retry++) {
          const outcome = await runOnce(plan, workload, peer);
          if (best === undefined || outcome.lap.othersLoad < best.lap.othersLoad) best = outcome;
          if (!best.lap.isDisturbed) break;
        }
        if (best === undefined) continue;
        const run = { ...best, workload: workload.name, peer: peer.name, repetition };
        runs.push(run);
        tell(run);
      }
    }
  }
  return runs;
};
