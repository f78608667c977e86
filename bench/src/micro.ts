// npm run bench:micro [-- FILTER]: the parts of the hot path, each by itself.
import { LineSplitter, formatNumber, increment, parseCommand } from '@clacks/protocol';
import { bench, group, run } from 'mitata';
import { Cache } from '../../packages/clacks/dist/broker/cache.js';
import { unrecorded } from '../../packages/clacks/dist/broker/entry-table.js';
import { Listeners } from '../../packages/clacks/dist/broker/listeners.js';

const nameCount = 10_000;
const names = Array.from(
  { length: nameCount },
  (_, index) => `bench::n::${String(index).padStart(10, '0')}`,
);
const value = 'sixteen bytes ok';

/** Calls a function with one name after the other, each cut out of a chunk as on the wire. */
const withNames = (act: (name: string) => unknown, list = names): (() => unknown) => {
  const chunk = list.join('');
  const length = list[0]?.length ?? 0;
  let index = 0;
  return () => {
    index = (index + 7) % nameCount;
    return act(chunk.slice(index * length, (index + 1) * length));
  };
};

const lineCount = 1000;
const splitter = new LineSplitter(1024 * 1024);

/** One call takes a chunk of a thousand lines apart. */
const split = (linesOf: (index: number) => string): (() => number) => {
  const chunk = Array.from({ length: lineCount }, (_, index) => `${linesOf(index)}\r\n`).join('');
  return () => {
    splitter.push(chunk);
    let bytes = 0;
    for (let line = splitter.next(); line !== undefined; line = splitter.next()) {
      bytes += splitter.withAlike(line, 'SET '.length + (names[0]?.length ?? 0) + 1).length;
    }
    return bytes;
  };
};

group(`lines, ${lineCount} a call`, () => {
  bench(
    'of one name',
    split(() => `SET ${names[0]}=${value}`),
  );
  bench(
    'of many names',
    split((index) => `SET ${names[index]}=${value}`),
  );
});

group('parser', () => {
  for (const line of [
    `SET ${names[0]}=${value}`,
    `RETRIEVE ${names[0]}`,
    `INCREMENT ${names[0]}=3`,
  ]) {
    bench(line, () => parseCommand(line));
  }
});

const listenersOf = (patterns: number): Listeners<number> => {
  const listeners = new Listeners<number>(1);
  for (const [index, name] of names.entries()) listeners.add(name, index);
  for (let index = 0; index < patterns; index++) listeners.add(`bench::*::${index}`, index);
  return listeners;
};

group(`router, ${nameCount} names`, () => {
  for (const patterns of [0, 10, 1000]) {
    const listeners = listenersOf(patterns);
    bench(
      `${patterns} patterns`,
      withNames((name) => listeners.of(name)),
    );
  }
});

const limits = { deletedCacheTimeMs: 3_600_000, staleCacheTimeMs: 0 };
const cache = new Cache({ ...limits, maxCacheEntries: 0, maxCacheBytes: 0 }, 'bench', unrecorded);
let nowUs = 1e15;
const counters = names.map((name) => name.replace('bench', 'count'));
for (const name of names) cache.store(name, value, nowUs);
for (const name of counters) cache.increment(name, undefined, nowUs);

group(`cache, ${nameCount} names`, () => {
  const values = `${value}${value}`;
  bench(
    'store',
    withNames((name) => {
      cache.store(name, values.slice(0, 16), ++nowUs);
    }),
  );
  bench(
    'retrieve',
    withNames((name) => cache.retrieve(name, nowUs)),
  );
  bench(
    'increment',
    withNames((name) => {
      cache.increment(name, undefined, ++nowUs);
    }, counters),
  );
});

group('numbers', () => {
  bench('print 0.1 + 0.2', () => formatNumber(0.1 + 0.2));
  bench('print 1e300', () => formatNumber(1e300));
  bench('add 1 to 41', () => increment('41', undefined));
  bench('add 0.5 to 41.25', () => increment('41.25', '0.5'));
});

const [, , filter] = process.argv;
await run(filter === undefined ? {} : { filter: new RegExp(filter, 'u') });
