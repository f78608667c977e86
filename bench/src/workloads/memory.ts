import { startLap } from '../generator/stopwatch.ts';
import { nameOf } from '../generator/traffic.ts';
import { connectListener, connectMany } from '../generator/wire.ts';
import type { Wire } from '../generator/wire.ts';
import type { Outcome, RunContext, Workload } from './workload.ts';

/**
 * When memory is looked at after a collection, in ms. What the logins took all at once is given back by
 * then: V8 makes its young generation small again when a process has been quiet for some 10 s.
 */
const settledMs = 20_000;

/** Connections, each listening to one name, and what they need of the server's memory. */
const run = async ({ peer, running, ca, isQuick, onClose }: RunContext): Promise<Outcome> => {
  const { dialect } = peer;
  const options = { address: running.address, dialect, ca, onClose };
  const wires: Wire[] = [];
  const [few, many, settleMs] = isQuick ? [100, 200, 50] : [1000, 5000, settledMs];
  const endLap = startLap([running.pid]);
  const empty = await running.residentBytes(settleMs);
  const perConnection = async (count: number): Promise<number> => {
    const first = wires.length;
    const more = await connectMany(count - first, (index) =>
      connectListener(options, [nameOf(dialect, 'w6', first + index)]),
    );
    wires.push(...more);
    return ((await running.residentBytes(settleMs)) - empty) / count / 1024;
  };
  const fewKib = await perConnection(few);
  const manyKib = await perConnection(many);
  const lap = endLap();
  for (const wire of wires) wire.close();
  // Others take time, not memory.
  return { figures: { fewKib, manyKib }, lap: { ...lap, isDisturbed: false } };
};

const base = {
  peers: ['clacks', 'nats', 'redis', 'mosquitto', 'aedes', 'forwarder'],
  figures: [
    { key: 'fewKib', title: '1,000', unit: 'KiB', isLessBetter: true },
    { key: 'manyKib', title: '5,000', unit: 'KiB', isLessBetter: true },
  ],
  connections: (isQuick: boolean): number => (isQuick ? 200 : 5000),
  run,
} as const;

/** What an idle connection takes. */
export const memoryWorkloads: readonly Workload[] = [
  { ...base, name: 'W6', title: 'memory of a connection' },
  { ...base, name: 'W6T', title: 'memory of a TLS connection', isOverTls: true },
];
