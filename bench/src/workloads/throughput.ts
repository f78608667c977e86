import { randomLength, seededRandom } from '../generator/random.ts';
import { nameOf } from '../generator/traffic.ts';
import type { Message, Subscription, Traffic } from '../generator/traffic.ts';
import type { Dialect } from '../peers/dialect.ts';
import { batchOf, kib, measureTraffic, throughputFigures as figures } from './measure-traffic.ts';
import type { Workload } from './workload.ts';

interface Shape {
  readonly listeners: number;
  readonly publishers: number;
  readonly messages: number;
  readonly window: number;
}

const oneToOne: Shape = {
  listeners: 1,
  publishers: 1,
  messages: batchOf(64 * kib),
  window: 512 * kib,
};

/** One name, and messages one by one or in batches. */
const uniform = (dialect: Dialect, shape: Shape, isSingle = false): Traffic => {
  const name = nameOf(dialect, 'w1', 1);
  const subscription: Subscription = { name, covers: [name] };
  const messagesOf = (publisher: number): Message[] =>
    Array.from({ length: shape.messages }, (_, index) => ({
      name,
      value: String(publisher).padStart(4, '0') + String(index).padStart(12, '0'),
    }));
  return {
    listeners: Array.from({ length: shape.listeners }, () => [subscription]),
    publishers: Array.from({ length: shape.publishers }, (_, publisher) => {
      const messages = messagesOf(publisher);
      return isSingle ? messages.map((message) => [message]) : [messages];
    }),
    window: shape.window,
  };
};

/** One sends, in batches, one listens. */
export const oneToOneTraffic = (dialect: Dialect): Traffic => uniform(dialect, oneToOne);

const [areas, leaves] = [10, 100];
const areaOf = (area: number): string => `a${area}`;

/** 40 names and 10 patterns, of which no two stand for the same name. */
const randomSubscriptions = (dialect: Dialect, random: () => number): Subscription[] => {
  const taken = new Set<string>();
  const subscriptions: Subscription[] = [];
  while (subscriptions.length < 50) {
    const isPattern = subscriptions.length < 10;
    const leaf = Math.floor(random() * leaves);
    const area = areaOf(Math.floor(random() * areas));
    const all = Array.from({ length: areas }, (_, index) => nameOf(dialect, areaOf(index), leaf));
    const exact = nameOf(dialect, area, leaf);
    const covers = isPattern ? all : [exact];
    if (covers.some((name) => taken.has(name))) continue;
    for (const name of covers) taken.add(name);
    const anyArea = exact.replace(
      `${dialect.separator}${area}${dialect.separator}`,
      `${dialect.separator}${dialect.anyLevel}${dialect.separator}`,
    );
    subscriptions.push({ name: isPattern ? anyArea : exact, covers });
  }
  return subscriptions;
};

/** The first byte of a value tells its publisher: printable ones, then of the upper half. */
const marks = Array.from({ length: 100 }, (_, index) =>
  String.fromCharCode(index < 94 ? 33 + index : 0xa1 + index - 94),
);

const mixed = (dialect: Dialect, isQuick: boolean): Traffic => {
  const random = seededRandom(8);
  const listeners = Array.from({ length: 100 }, () => randomSubscriptions(dialect, random));
  const message = (mark: string): Message => ({
    name: nameOf(dialect, areaOf(Math.floor(random() * areas)), Math.floor(random() * leaves)),
    value: mark.padEnd(randomLength(random), 'x'),
  });
  const publishers = marks.map((mark) =>
    Array.from({ length: isQuick ? 1 : 4 }, () =>
      Array.from({ length: batchOf(16 * kib) }, () => message(mark)),
    ),
  );
  return { listeners, publishers, window: 16 * kib * kib };
};

const everyone = ['clacks', 'nats', 'redis', 'mosquitto', 'aedes', 'forwarder'];
const overTcpToo = [...everyone, 'redis-tcp', 'forwarder-tcp'];

/** How many signals a second are delivered, and what each costs. */
export const throughputWorkloads: readonly Workload[] = [
  {
    name: 'W1',
    title: '1 → 1',
    peers: overTcpToo,
    figures,
    run: (context) => measureTraffic(context, oneToOneTraffic),
  },
  {
    name: 'W2',
    title: '1 → 100',
    peers: everyone,
    figures,
    run: (context) =>
      measureTraffic(context, (dialect) =>
        uniform(dialect, { ...oneToOne, listeners: 100, window: 100 * 256 * kib }),
      ),
  },
  {
    name: 'W3',
    title: '100 → 1',
    peers: everyone,
    figures,
    run: (context) =>
      measureTraffic(context, (dialect) =>
        uniform(dialect, {
          ...oneToOne,
          publishers: 100,
          messages: batchOf(16 * kib),
          window: 2048 * kib,
        }),
      ),
  },
  {
    name: 'W1T',
    title: '1 → 1 over TLS',
    peers: everyone,
    isOverTls: true,
    figures,
    run: (context) => measureTraffic(context, oneToOneTraffic),
  },
  {
    name: 'W7',
    title: 'one message a write, 1 → 1',
    peers: overTcpToo,
    figures,
    run: (context) => measureTraffic(context, (dialect) => uniform(dialect, oneToOne, true)),
  },
  {
    name: 'W8',
    title: 'mixed, 100 → 100',
    peers: everyone,
    figures,
    run: (context) => measureTraffic(context, (dialect) => mixed(dialect, context.isQuick), true),
  },
];
