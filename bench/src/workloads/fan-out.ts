import { seededRandom } from '../generator/random.ts';
import { PacedStream } from '../generator/paced-stream.ts';
import { compile, nameOf } from '../generator/traffic.ts';
import type { Message, Subscription, Traffic } from '../generator/traffic.ts';
import type { Dialect } from '../peers/dialect.ts';
import { quantileOf } from '../statistics.ts';
import type { Outcome, RunContext, Workload } from './workload.ts';

const publishers = 16;
const hearers = 10;
/** There must be enough of them to tell of the slowest, and what thousands of handshakes left be done. */
const [timesLonger, timesWarmer] = [3, 4];

const listenersOf = (isQuick: boolean): number => (isQuick ? 200 : 5000);
/** Different signals, which are sent again and again. Each publisher has as many. */
const signalsOf = (isQuick: boolean): number => (isQuick ? 1024 : 16_384);
const perSecondOf = (isQuick: boolean): number => (isQuick ? 500 : 5000);

/** As many names as listeners, each heard by ten of them at random; signals have random names. */
const trafficFor = (dialect: Dialect, isQuick: boolean): Traffic => {
  const listeners = listenersOf(isQuick);
  const random = seededRandom(9);
  const below = (limit: number): number => Math.floor(random() * limit);
  const names = Array.from({ length: listeners }, (_, index) => nameOf(dialect, 'w9', index));
  const subscriptions: Subscription[][] = names.map(() => []);
  for (const name of names) {
    const chosen = new Set<number>();
    while (chosen.size < hearers) chosen.add(below(listeners));
    for (const listener of chosen) subscriptions[listener]?.push({ name, covers: [name] });
  }
  const messages = Array.from({ length: signalsOf(isQuick) }, (_, number): Message => {
    return { name: names[below(listeners)] ?? '', value: PacedStream.valueOf(number) };
  });
  return {
    listeners: subscriptions,
    publishers: Array.from({ length: publishers }, (_, publisher) =>
      messages
        .filter((_message, number) => number % publishers === publisher)
        .map((message) => [message]),
    ),
    window: Infinity,
  };
};

const run = async (context: RunContext): Promise<Outcome> => {
  const { peer, isQuick, isVerified } = context;
  const traffic = trafficFor(peer.dialect, isQuick);
  const dialect = peer.spreading?.(hearers) ?? peer.dialect;
  const isSpread = peer.spreading !== undefined;
  const compiled = compile(dialect, traffic, isSpread ? hearers : undefined);
  const stream = new PacedStream(compiled, perSecondOf(isQuick));
  try {
    await stream.open({ ...context, isVerified: isVerified && !isSpread }, dialect);
    const { latenciesMs, lap, fault } = await stream.run({
      ...context,
      seconds: context.seconds * timesLonger,
      warmUpSeconds: context.warmUpSeconds * timesWarmer,
    });
    return {
      figures: {
        p50Ms: quantileOf(latenciesMs, 0.5),
        p99Ms: quantileOf(latenciesMs, 0.99),
        corePercent: lap.serverLoad * 100,
        generatorPercent: lap.generatorLoad * 100,
      },
      lap,
      ...((isVerified || fault !== undefined) && { fault: fault ?? '' }),
    };
  } finally {
    stream.close();
  }
};

/** How fast and how dear a signal is among many TLS connections that are not busy. */
export const fanOutWorkload: Workload = {
  name: 'W9',
  title: '5,000 TLS connections, 5,000 signals/s to ten',
  peers: ['clacks', 'nats', 'forwarder'],
  isOverTls: true,
  figures: [
    { key: 'p50Ms', title: 'delivered after, p50', unit: 'ms', isLessBetter: true },
    { key: 'p99Ms', title: 'p99', unit: 'ms', isLessBetter: true },
    { key: 'corePercent', title: 'CPU', unit: '% of a core', isLessBetter: true },
  ],
  connections: (isQuick) => listenersOf(isQuick) + publishers,
  run,
};
