import { runFleet } from './fleet.ts';
import { NodeUnderTest } from './node-under-test.ts';
import type { Resident } from './node-under-test.ts';
import { positiveNumber, wholeNumber } from './options.ts';
import { measureLargeCache, storesPerSecond } from './persistence.ts';
import { runSync } from './sync.ts';
import { medianOf } from './statistics.ts';

/** Options of the benches below, with their defaults. */
export const aloneOptions = {
  clients: { type: 'string', default: '1000' },
  'steady-signals': { type: 'string', default: '5000' },
  'steady-seconds': { type: 'string', default: '60' },
  'burst-signals': { type: 'string', default: '100000' },
  entries: { type: 'string', default: '1000000' },
  rounds: { type: 'string', default: '5' },
} as const;

type Values = Readonly<Record<keyof typeof aloneOptions, string>>;

/** What there is to say, and whether all is well. */
interface Report {
  readonly lines: readonly string[];
  readonly isGood: boolean;
}

/** The article's headline and more. */
const fleet = async (values: Values): Promise<Report> => {
  const plan = {
    // Nobody signals themselves.
    clients: wholeNumber('clients', values.clients, 2),
    steadySignals: wholeNumber('steady-signals', values['steady-signals']),
    steadyMs: positiveNumber('steady-seconds', values['steady-seconds']) * 1000,
    burstSignals: wholeNumber('burst-signals', values['burst-signals']),
  };
  await using node = await NodeUnderTest.start();
  const result = await runFleet(node.connection, plan);
  const seconds = result.burstMs / 1000;
  return {
    lines: [
      `${plan.clients} TLS clients connected in ${(result.connectMs / 1000).toFixed(1)} s`,
      `${result.sent} signals sent, ${result.deliveries} of ${result.expectedDeliveries} delivered`,
      `burst of ${plan.burstSignals} signals in ${seconds.toFixed(1)} s`,
      ...result.faults,
    ],
    isGood: result.faults.length === 0 && result.deliveries === result.expectedDeliveries,
  };
};

/** A large cache goes to a new slave. */
const sync = async (values: Values): Promise<Report> => {
  const entries = wholeNumber('entries', values.entries);
  const result = await runSync(entries);
  const { before, master, slave } = result;
  const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  return {
    lines: [
      `${result.entries} of ${entries} entries in ${(result.syncMs / 1000).toFixed(1)} s`,
      `longest delay: master ${master.longestDelayMs.toFixed(0)} ms, slave ${slave.longestDelayMs.toFixed(0)} ms`,
      `memory: master ${mebibytes(before.peakBytes)} before, ${mebibytes(master.peakBytes)} at most; slave ${mebibytes(slave.peakBytes)} at most`,
    ],
    isGood: result.entries === entries,
  };
};

/** What it costs to keep the cache. */
const persistence = async (values: Values): Promise<Report> => {
  const rounds = wholeNumber('rounds', values.rounds);
  const entries = wholeNumber('entries', values.entries);
  const lines: string[] = [];
  const atTheEnd = 2_500_000;
  for (const storesPerFlush of [1000, 10_000, 100_000, atTheEnd]) {
    const stores = storesPerFlush === atTheEnd ? atTheEnd : 500_000;
    const plan = { connections: 4, names: 100_000, stores, storesPerFlush };
    const [kept, unkept]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
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
  const large = await measureLargeCache(entries);
  const perEntry = ({ bytes, uncollectedBytes }: Resident): string =>
    `${bytes.toFixed(0)} bytes an entry (${uncollectedBytes.toFixed(0)} with garbage)`;
  lines.push(
    `${entries} entries: filled ${perEntry(large.filled)}, loaded ${perEntry(large.loaded)}`,
    `start ${(large.startMs / 1000).toFixed(2)} s, empty ${(large.emptyStartMs / 1000).toFixed(2)} s`,
  );
  return { lines, isGood: true };
};

/** A bench of our server by itself. */
interface AloneBench {
  /** Those that mean something to it. */
  readonly options: readonly (keyof Values)[];
  run(values: Values): Promise<Report>;
}

/** What measures our server by itself. */
export const aloneBenches: ReadonlyMap<string, AloneBench> = new Map<string, AloneBench>([
  [
    'fleet',
    { options: ['clients', 'steady-signals', 'steady-seconds', 'burst-signals'], run: fleet },
  ],
  ['sync', { options: ['entries'], run: sync }],
  ['persistence', { options: ['rounds', 'entries'], run: persistence }],
]);
