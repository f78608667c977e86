import { startLap } from '../generator/stopwatch.ts';
import { nameOf } from '../generator/traffic.ts';
import { connectListener } from '../generator/wire.ts';
import type { Wire } from '../generator/wire.ts';
import type { Outcome, RunContext, Workload } from './workload.ts';

const atOnce = 50;

/** Connections, each listening to one name, and what they need of the server's memory. */
const run = async ({ peer, running, ca, isQuick }: RunContext): Promise<Outcome> => {
  const { dialect } = peer;
  const options = { address: running.address, dialect, ca };
  const listen = (index: number): Promise<Wire> =>
    connectListener(options, [nameOf(dialect, 'w6', index)]);
  const wires: Wire[] = [];
  const openUntil = async (count: number): Promise<void> => {
    while (wires.length < count) {
      const first = wires.length;
      const more = Array.from({ length: Math.min(atOnce, count - first) }, (_, index) =>
        listen(first + index),
      );
      wires.push(...(await Promise.all(more)));
    }
  };
  const [few, many] = isQuick ? [100, 200] : [1000, 5000];
  const endLap = startLap(running.pid);
  const empty = await running.residentBytes();
  const perConnection = async (count: number): Promise<number> => {
    await openUntil(count);
    return ((await running.residentBytes()) - empty) / count / 1024;
  };
  const fewKib = isQuick ? 0 : await perConnection(few);
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
  run,
} as const;

/** What an idle connection takes. */
export const memoryWorkloads: readonly Workload[] = [
  { ...base, name: 'W6', title: 'memory of a connection' },
  { ...base, name: 'W6T', title: 'memory of a TLS connection', isOverTls: true },
];
