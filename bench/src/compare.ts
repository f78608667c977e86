import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import { runBench } from './bench.ts';
import type { Run } from './bench.ts';
import { makeCertificate } from './certificate.ts';
import { pinGenerator, whyUnpinned } from './machine/cores.ts';
import { whyTooMany } from './machine/open-files.ts';
import type { Peer } from './peers/peer.ts';
import { chartOf } from './report/chart.ts';
import { growthTableOf } from './report/growth-table.ts';
import { progressOf } from './report/progress.ts';
import { summarise } from './report/summary.ts';
import type { Row } from './report/summary.ts';
import { tableOf } from './report/table.ts';
import { isFaulty } from './workloads/workload.ts';
import type { Workload } from './workloads/workload.ts';

/** What to compare. */
export interface CompareOptions {
  readonly workloads: readonly Workload[];
  readonly peers: readonly Peer[];
  readonly repetitions: number;
  readonly isQuick: boolean;
  readonly isVerified: boolean;
  readonly output: string;
}

const warn = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Those that are installed; says what is left out, and why. */
const installedOf = (peers: readonly Peer[]): Map<Peer, string> => {
  const installed = new Map<Peer, string>();
  for (const peer of peers) {
    const version = peer.version();
    if (version !== undefined) installed.set(peer, version);
    else warn(`${peer.name} is left out: ${peer.program ?? peer.name} is not installed`);
  }
  return installed;
};

/** Those for which the machine allows enough connections; says what is left out, and why. */
const possibleOf = (workloads: readonly Workload[], isQuick: boolean): Workload[] =>
  workloads.filter((workload) => {
    const problem = whyTooMany(workload.connections?.(isQuick) ?? 0);
    if (problem !== undefined) warn(`${workload.name} is left out: ${problem}`);
    return problem === undefined;
  });

const print = (rows: readonly Row[], isQuick: boolean): void => {
  const [growing, others] = [true, false].map((isGrowing) =>
    rows.filter(({ growth }) => (growth !== undefined) === isGrowing),
  );
  const tables = [
    others?.length ? tableOf(others, !isQuick) : '',
    growing?.length ? growthTableOf(growing) : '',
    isQuick ? 'A quick run tells whether all works. Its figures say nothing.' : '',
  ];
  process.stdout.write(`${tables.filter(Boolean).join('\n\n')}\n`);
};

const write = (
  { output }: CompareOptions,
  installed: ReadonlyMap<Peer, string>,
  rows: readonly Row[],
  runs: readonly Run[],
): void => {
  const versions = [...installed].map(([{ name }, version]) => [name, version]);
  const machine = {
    date: new Date().toISOString(),
    processor: cpus()[0]?.model ?? '',
    cores: availableParallelism(),
    node: process.version,
    versions: Object.fromEntries(versions) as Record<string, string>,
  };
  const medians = rows.map((row) => ({ ...row, medians: Object.fromEntries(row.medians) }));
  const json = JSON.stringify({ machine, medians, runs }, undefined, 2);
  mkdirSync(output, { recursive: true });
  writeFileSync(path.join(output, 'bench.json'), `${json}\n`);
  const chart = chartOf(rows);
  if (chart !== undefined) writeFileSync(path.join(output, 'bench.svg'), chart);
};

/** Full runs, and quick ones. */
const timings = [
  { seconds: 2, warmUpSeconds: 1 },
  { seconds: 0.2, warmUpSeconds: 0.1 },
] as const;

/** Measures, prints the tables, and writes what was measured. Returns whether all bytes were right. */
export const compare = async (options: CompareOptions): Promise<boolean> => {
  const { isQuick } = options;
  const installed = installedOf(options.peers);
  const workloads = possibleOf(options.workloads, isQuick);
  if (whyUnpinned !== undefined) warn(whyUnpinned);
  pinGenerator();
  const certificate = await makeCertificate();
  const timing = timings[isQuick ? 1 : 0];
  const plan = {
    ...{ ...options, workloads, peers: [...installed.keys()], timing, certificate },
    mostRetries: isQuick ? 0 : 3,
  };
  const runs = await runBench(plan, (run) => {
    process.stderr.write(progressOf(run));
  });
  const rows = summarise(workloads, runs);
  print(rows, isQuick);
  write(options, installed, rows, runs);
  return !runs.some(isFaulty);
};
