// npm run bench [-- NAME…]: measures servers in processes of their own, see docs/benchmark.md.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { compare } from './compare.ts';
import { runFleet } from './fleet.ts';
import { NodeUnderTest } from './node-under-test.ts';
import type { Resident } from './node-under-test.ts';
import { measureLargeCache, storesPerSecond } from './persistence.ts';
import { allPeers } from './peers/peers.ts';
import { runSync } from './sync.ts';
import { medianOf } from './statistics.ts';
import { allWorkloads } from './workloads/workloads.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    clients: { type: 'string', default: '1000' },
    'steady-signals': { type: 'string', default: '5000' },
    'steady-seconds': { type: 'string', default: '60' },
    'burst-signals': { type: 'string', default: '100000' },
    entries: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '5' },
    peers: { type: 'string', default: '' },
    repetitions: { type: 'string' },
    quick: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    update: { type: 'boolean', default: false },
    verify: { type: 'boolean', default: false },
    output: {
      type: 'string',
      default: path.join(import.meta.dirname, '..', '..', '.build', 'bench'),
    },
  },
});

/** Prints lines, and ends with an exit code that tells of faults. */
const report = (lines: readonly string[], isGood: boolean): void => {
  process.stdout.write(`${lines.join('\n')}\n`);
  if (!isGood) process.exitCode = 1;
};

/** The article's headline and more. */
const fleet = async (): Promise<void> => {
  const plan = {
    clients: Number(values.clients),
    steadySignals: Number(values['steady-signals']),
    steadyMs: Number(values['steady-seconds']) * 1000,
    burstSignals: Number(values['burst-signals']),
  };
  await using node = await NodeUnderTest.start();
  const result = await runFleet(node.connection, plan);
  const seconds = result.burstMs / 1000;
  report(
    [
      `${plan.clients} TLS clients connected in ${(result.connectMs / 1000).toFixed(1)} s`,
      `${result.sent} signals sent, ${result.deliveries} of ${result.expectedDeliveries} delivered`,
      `burst of ${plan.burstSignals} signals in ${seconds.toFixed(1)} s`,
      ...result.faults,
    ],
    result.faults.length === 0 && result.deliveries === result.expectedDeliveries,
  );
};

/** A large cache goes to a new slave. */
const sync = async (): Promise<void> => {
  const entries = Number(values.entries);
  const result = await runSync(entries);
  const { before, master, slave } = result;
  const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  report(
    [
      `${result.entries} of ${entries} entries in ${(result.syncMs / 1000).toFixed(1)} s`,
      `longest delay: master ${master.longestDelayMs.toFixed(0)} ms, slave ${slave.longestDelayMs.toFixed(0)} ms`,
      `memory: master ${mebibytes(before.peakBytes)} before, ${mebibytes(master.peakBytes)} at most; slave ${mebibytes(slave.peakBytes)} at most`,
    ],
    result.entries === entries,
  );
};

/** What it costs to keep the cache. */
const persistence = async (): Promise<void> => {
  const lines: string[] = [];
  const atTheEnd = 2_500_000;
  for (const storesPerFlush of [1000, 10_000, 100_000, atTheEnd]) {
    const stores = storesPerFlush === atTheEnd ? atTheEnd : 500_000;
    const plan = { connections: 4, names: 100_000, stores, storesPerFlush };
    const [kept, unkept]: [number[], number[]] = [[], []];
    for (let round = 0; round < Number(values.rounds); round++) {
      unkept.push(await storesPerSecond(plan, false));
      kept.push(await storesPerSecond(plan, true));
    }
    const ratio = medianOf(kept) / medianOf(unkept);
    const thousands = (rate: number): string => `${(rate / 1000).toFixed(0)} k/s`;
    lines.push(
      `STORE, FLUSH after ${storesPerFlush}: kept ${thousands(medianOf(kept))}, ` +
        `not kept ${thousands(medianOf(unkept))}: ${(100 * ratio).toFixed(0)} %`,
    );
  }
  const large = await measureLargeCache(Number(values.entries));
  const perEntry = ({ bytes, uncollectedBytes }: Resident): string =>
    `${bytes.toFixed(0)} bytes an entry (${uncollectedBytes.toFixed(0)} with garbage)`;
  lines.push(
    `${values.entries} entries: filled ${perEntry(large.filled)}, loaded ${perEntry(large.loaded)}`,
    `start ${(large.startMs / 1000).toFixed(2)} s, empty ${(large.emptyStartMs / 1000).toFixed(2)} s`,
  );
  report(lines, true);
};

const benches: Readonly<Record<string, () => Promise<void>>> = { fleet, sync, persistence };

/** What is wrong with the arguments, if anything. */
const mistake = (peers: readonly string[], repetitions: number): string | undefined => {
  const [workloads, peerNames] = [allWorkloads, allPeers].map((all) => all.map(({ name }) => name));
  const unknown = positionals.find((name) => workloads?.includes(name) === false);
  if (unknown !== undefined) {
    const all = [...(workloads ?? []), ...Object.keys(benches)];
    return `No bench ${unknown}; there are: ${all.join(', ')}`;
  }
  const stranger = peers.find((name) => peerNames?.includes(name) === false);
  if (stranger !== undefined)
    return `No peer ${stranger}; there are: ${(peerNames ?? []).join(', ')}`;
  if (Number.isInteger(repetitions) && repetitions > 0) return undefined;
  return `--repetitions is a whole number above 0, not ${values.repetitions ?? ''}`;
};

const compareServers = async (): Promise<void> => {
  const peers = values.peers.split(',').filter((name) => name !== '');
  const repetitions = Number(values.repetitions ?? (values.quick ? 1 : 3));
  const problem = mistake(peers, repetitions);
  if (problem !== undefined) {
    report([problem], false);
    return;
  }
  const checked = { workloads: ['W1', 'W2', 'W3', 'W7', 'W8', 'W5'], peers: ['forwarder'] };
  const isGood = await compare({
    ...(values.check ? checked : { workloads: positionals, peers }),
    ...{ repetitions, output: values.output },
    check: values.check ? (values.update ? 'update' : 'check') : 'no',
    isQuick: values.quick,
    isVerified: values.verify,
  });
  if (!isGood) process.exitCode = 1;
};

const bench = positionals.length === 1 ? benches[positionals[0] ?? ''] : undefined;
await (bench ?? compareServers)();
