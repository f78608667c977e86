import { seededRandom } from '../generator/random.ts';
import { nameOf } from '../generator/traffic.ts';
import type { Message, Subscription, Traffic } from '../generator/traffic.ts';
import type { Dialect } from '../peers/dialect.ts';
import { batchOf, kib, measureTraffic } from './measure-traffic.ts';
import type { Workload } from './workload.ts';

const value = 'sixteen bytes ok';

/** Of 64 KiB, as elsewhere. */
const messagesAtOnce = batchOf(64 * kib);
/** So many hear something of a batch, however many there are. */
const hearers = 10;
const patternListeners = 20;
const fewestBatches = 4;

const numbersTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const exactly = (name: string): Subscription => ({ name, covers: [name] });

/** In another order, the same each time. */
const shuffled = <T>(items: readonly T[], random: () => number): T[] =>
  items
    .map((item) => ({ item, key: random() }))
    .toSorted((left, right) => left.key - right.key)
    .map(({ item }) => item);

/** Each of ten listens to a tenth of the names, and each message has another name. */
const manyNames = (dialect: Dialect, count: number): Traffic => {
  const random = seededRandom(count);
  const names = numbersTo(count).map((number) => nameOf(dialect, 'w10', number));
  const batches = Math.max(fewestBatches, Math.ceil(count / messagesAtOnce));
  const message = (): Message => ({ name: names[Math.floor(random() * count)] ?? '', value });
  return {
    listeners: numbersTo(hearers).map((listener) =>
      names.filter((_, index) => index % hearers === listener).map(exactly),
    ),
    publishers: [numbersTo(batches).map(() => numbersTo(messagesAtOnce).map(message))],
    window: 512 * kib,
  };
};

/**
 * All listen to a name of their own. A batch goes to ten of them, and none follows before it has come:
 * so there are as many writes for a delivery, however many connections there are.
 */
const manyConnections = (dialect: Dialect, count: number): Traffic => {
  const random = seededRandom(count);
  const names = numbersTo(count).map((number) => nameOf(dialect, 'w10', number));
  const batches = Math.max(fewestBatches, Math.ceil(count / hearers));
  const order = shuffled(names, random);
  return {
    listeners: names.map((name) => [exactly(name)]),
    publishers: [
      numbersTo(batches).map((batch) =>
        shuffled(numbersTo(messagesAtOnce), random).map((number): Message => {
          const index = batch * hearers + (number % hearers);
          return { name: order[index % count] ?? '', value };
        }),
      ),
    ],
    window: 1,
  };
};

/** A thousand names as above, and patterns beside them that stand for other names. */
const manyPatterns = (dialect: Dialect, count: number): Traffic => {
  const { listeners, ...traffic } = manyNames(dialect, 1000);
  const { separator, anyLevel } = dialect;
  const patterns = numbersTo(count).map((number): Subscription => {
    // Alike up to the last level: nothing but that tells that it does not match.
    const name = nameOf(dialect, 'w10', 1_000_000 + number);
    const pattern = name.replace(
      `${separator}w10${separator}`,
      `${separator}${anyLevel}${separator}`,
    );
    return { name: pattern, covers: [] };
  });
  const more = numbersTo(patternListeners).map((listener) =>
    patterns.filter((_, index) => index % patternListeners === listener),
  );
  return { listeners: [...listeners, ...more], ...traffic };
};

/** What there may be many of, and how many. */
const axes = {
  names: { counts: [10, 1000, 100_000], trafficOf: manyNames },
  connections: { counts: [10, 1000, 10_000], trafficOf: manyConnections },
  patterns: { counts: [0, 100, 10_000], trafficOf: manyPatterns },
} as const;

/** Many at full size; in a quick run a twentieth of them. */
const sizeOf = (count: number, isQuick: boolean): number =>
  isQuick && count > 100 ? count / 20 : count;

/** Whether what one delivery costs grows with what there is. Ratios: to the fewest. */
export const growthWorkloads: readonly Workload[] = Object.entries(axes).flatMap(
  ([axis, { counts, trafficOf }]) =>
    counts.map((count): Workload => ({
      name: `W10/${axis}/${count}`,
      title: `${count.toLocaleString('en')} ${axis}`,
      peers: ['clacks', 'nats'],
      figures: [{ key: 'cpuNs', title: '', unit: 'ns', isLessBetter: true }],
      growth: { axis, count },
      connections: (isQuick) => (axis === 'connections' ? sizeOf(count, isQuick) : 0),
      run: (context) =>
        measureTraffic(context, (dialect) => trafficOf(dialect, sizeOf(count, context.isQuick))),
    })),
);
