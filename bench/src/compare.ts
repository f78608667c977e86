import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import { runBench } from './bench.ts';
import type { Run } from './bench.ts';
import { makeCertificate } from './certificate.ts';
import { costsOf, worseThan } from './check.ts';
import type { Costs } from './check.ts';
import { pinGenerator, whyUnpinned } from './machine/cores.ts';
import { allPeers } from './peers/peers.ts';
import { chartOf } from './report/chart.ts';
import { shortNumber, tableOf } from './report/table.ts';
import { summarise } from './report/summary.ts';
import { allWorkloads } from './workloads/workloads.ts';

/** What to compare. Names that are not known are the caller's fault. */
export interface CompareOptions {
  /** None: all. */
  readonly workloads: readonly string[];
  readonly peers: readonly string[];
  readonly repetitions: number;
  readonly isQuick: boolean;
  readonly isVerified: boolean;
  readonly output: string;
  /** Whether costs are compared with the baseline, or it is written anew. */
  readonly check: 'no' | 'check' | 'update';
}

const progressOf = ({ workload, peer, repetition, figures, lap, fault }: Run): string => {
  const numbers = Object.entries(figures).map(([key, value]) => `${key} ${shortNumber(value)}`);
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  const loads = `server ${percent(lap.serverLoad)}, generator ${percent(lap.generatorLoad)}, others ${percent(lap.othersLoad)}`;
  const state = lap.isDisturbed ? ', DISTURBED' : '';
  const verified =
    fault === undefined ? '' : fault === '' ? ', every byte right' : `, FAULT: ${fault}`;
  return `${workload} ${peer} ${repetition}: ${numbers.join(', ')} (${loads}${state}${verified})\n`;
};

const baselineFile = path.join(import.meta.dirname, '..', 'baseline.json');

const judge = (runs: readonly Run[], isUpdate: boolean): boolean => {
  const costs = costsOf(runs);
  if (isUpdate) {
    writeFileSync(baselineFile, `${JSON.stringify(costs, undefined, 2)}\n`);
    return true;
  }
  const baseline = JSON.parse(readFileSync(baselineFile, 'utf8')) as Costs;
  const worse = worseThan(baseline, costs);
  for (const { name, was, is } of worse) {
    process.stdout.write(
      `${name}: was ${was.toFixed(2)} times the forwarder, is ${is.toFixed(2)}\n`,
    );
  }
  return worse.length === 0;
};

/** Measures, prints the table, and writes what was measured. Returns whether all bytes were right. */
export const compare = async (options: CompareOptions): Promise<boolean> => {
  const wanted = (names: readonly string[], name: string): boolean =>
    names.length === 0 || names.includes(name) || name === 'clacks';
  const versions = new Map<string, string>();
  const peers = allPeers.filter((peer) => {
    if (!wanted(options.peers, peer.name)) return false;
    const version = peer.version();
    if (version === undefined) process.stderr.write(`${peer.name} is not installed: left out.\n`);
    else versions.set(peer.name, version);
    return version !== undefined;
  });
  const { workloads: names } = options;
  const workloads = allWorkloads.filter(({ name }) => names.length === 0 || names.includes(name));
  if (whyUnpinned !== undefined) process.stderr.write(`${whyUnpinned}\n`);
  pinGenerator();
  const certificate = await makeCertificate();
  const runs = await runBench({ ...options, workloads, peers, certificate }, (run) => {
    process.stderr.write(progressOf(run));
  });
  const rows = summarise(workloads, runs);
  process.stdout.write(`${tableOf(rows)}\n`);
  mkdirSync(options.output, { recursive: true });
  const machine = {
    date: new Date().toISOString(),
    processor: cpus()[0]?.model ?? '',
    cores: availableParallelism(),
    node: process.version,
    versions: Object.fromEntries(versions),
  };
  const medians = rows.map((row) => ({ ...row, medians: Object.fromEntries(row.medians) }));
  const json = JSON.stringify({ machine, medians, runs }, undefined, 2);
  writeFileSync(path.join(options.output, 'bench.json'), `${json}\n`);
  writeFileSync(path.join(options.output, 'bench.svg'), chartOf(rows));
  if (options.check !== 'no') return judge(runs, options.check === 'update');
  return runs.every(({ fault }) => fault === undefined || fault === '');
};
