import { startLap } from '../generator/stopwatch.ts';
import { nameOf } from '../generator/traffic.ts';
import { connectListener, Wire } from '../generator/wire.ts';
import { quantileOf } from '../statistics.ts';
import type { Outcome, RunContext, Workload } from './workload.ts';

const value = 'sixteen bytes ok';

/** A signals, B hears it and signals back, A hears that: how long that takes. */
const run = async ({ peer, running, ca, isQuick, onClose }: RunContext): Promise<Outcome> => {
  const { dialect } = peer;
  const options = { address: running.address, dialect, ca, onClose };
  const names = [nameOf(dialect, 'to', 1), nameOf(dialect, 'fr', 1)];
  const [there = '', back = ''] = names;
  const listenTo = (name: string): Promise<Wire> => connectListener(options, [name]);
  const [hearsA, hearsB] = [await listenTo(back), await listenTo(there)];
  const [sendsA, sendsB] = [
    await Wire.connect({ ...options, role: 'publish' }),
    await Wire.connect({ ...options, role: 'publish' }),
  ];
  const [ping, pong] = [dialect.publish(there, value), dialect.publish(back, value)];
  const lengths = names.map((name) => dialect.deliver({ name, number: 1 }, name, value).length);
  const [pingLength = 0, pongLength = 0] = lengths;
  const warmUp = isQuick ? 100 : 2000;
  const rounds = isQuick ? 500 : 20_000;
  const times = new Float64Array(rounds);
  let endLap = startLap([running.pid]);
  await new Promise<void>((resolve) => {
    let [round, heard, sentAtMs] = [-warmUp, 0, performance.now()];
    let answered = 0;
    hearsB.onBytes = () => {
      // What comes besides, before A has heard the answer, is no other ping.
      if (hearsB.received < (answered + 1) * pingLength) return;
      answered++;
      sendsB.write(pong);
    };
    hearsA.onBytes = () => {
      if (hearsA.received < (heard + 1) * pongLength) return;
      heard++;
      const nowMs = performance.now();
      if (round >= 0) times[round] = nowMs - sentAtMs;
      round++;
      if (round === 0) endLap = startLap([running.pid]);
      if (round === rounds) {
        resolve();
        return;
      }
      sentAtMs = performance.now();
      sendsA.write(ping);
    };
    sendsA.write(ping);
  });
  const lap = endLap();
  for (const wire of [hearsA, hearsB, sendsA, sendsB]) wire.close();
  return {
    figures: { p50Us: quantileOf(times, 0.5) * 1000, p99Us: quantileOf(times, 0.99) * 1000 },
    lap,
  };
};

/** How long a signal is on its way. */
export const latencyWorkload: Workload = {
  name: 'W4',
  title: 'ping-pong, one round trip',
  peers: ['clacks', 'nats', 'redis', 'mosquitto', 'aedes'],
  figures: [
    { key: 'p50Us', title: 'p50', unit: 'µs', isLessBetter: true },
    { key: 'p99Us', title: 'p99', unit: 'µs', isLessBetter: true },
  ],
  run,
};
