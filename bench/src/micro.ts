// npm run bench:micro [-- FILTER]: the parts of the hot path, each by itself.
import { LineSplitter, formatNumber, increment, parseCommand } from '@clacks/protocol';
import { bench, group, run } from 'mitata';
import { brokerAlone } from './broker-alone.ts';
import { readArguments, runScript, UsageError } from './options.ts';
import { Cache } from '../../packages/clacks/dist/broker/cache.js';
import { unrecorded } from '../../packages/clacks/dist/broker/entry-table.js';
import { Listeners } from '../../packages/clacks/dist/broker/listeners.js';

/** All of them, with that of their group: `router, 10 patterns`. */
const titles: string[] = [];

/** Adds to a group. */
type Add = (title: string, act: () => unknown) => void;

const groupOf = (kind: string, of: string, fill: (add: Add) => void): void => {
  group(`${kind}${of}`, () => {
    fill((title, act) => {
      titles.push(`${kind}, ${title}`);
      bench(`${kind}, ${title}`, act);
    });
  });
};

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

groupOf('lines', `, ${lineCount} a call`, (add) => {
  add(
    'of one name',
    split(() => `SET ${names[0]}=${value}`),
  );
  add(
    'of many names',
    split((index) => `SET ${names[index]}=${value}`),
  );
});

groupOf('parser', '', (add) => {
  for (const line of [
    `SET ${names[0]}=${value}`,
    `RETRIEVE ${names[0]}`,
    `INCREMENT ${names[0]}=3`,
  ]) {
    add(line, () => parseCommand(line));
  }
});

const listenersOf = (patterns: number): Listeners<number> => {
  const listeners = new Listeners<number>(1);
  for (const [index, name] of names.entries()) listeners.add(name, index);
  for (let index = 0; index < patterns; index++) listeners.add(`bench::*::${index}`, index);
  return listeners;
};

groupOf('router', `, ${nameCount} names`, (add) => {
  for (const patterns of [0, 10, 1000]) {
    const listeners = listenersOf(patterns);
    add(
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

groupOf('cache', `, ${nameCount} names`, (add) => {
  const values = `${value}${value}`;
  add(
    'store',
    withNames((name) => {
      cache.store(name, values.slice(0, 16), ++nowUs);
    }),
  );
  add(
    'retrieve',
    withNames((name) => cache.retrieve(name, nowUs)),
  );
  add(
    'increment',
    withNames((name) => {
      cache.increment(name, undefined, ++nowUs);
    }, counters),
  );
});

/** One call hands lines to a broker, as a connection does. */
groupOf('broker', `, ${lineCount} lines a call`, (add) => {
  const handle = brokerAlone();
  const linesOf = (lineOf: (name: string) => string): Buffer =>
    Buffer.from(
      names
        .slice(0, lineCount)
        .map((name) => `${lineOf(name)}\r\n`)
        .join(''),
    );
  handle(linesOf((name) => `STORE ${name}=${value}`));
  const known = linesOf((name) => `RETRIEVE ${name}`);
  const missing = linesOf((name) => `RETRIEVE ${name.replace('bench', 'other')}`);
  add('retrieve known names', () => handle(known));
  add('retrieve missing names', () => handle(missing));
});

groupOf('numbers', '', (add) => {
  add('print 0.1 + 0.2', () => formatNumber(0.1 + 0.2));
  add('print 1e300', () => formatNumber(1e300));
  add('add 1 to 41', () => increment('41', undefined));
  add('add 0.5 to 41.25', () => increment('41.25', '0.5'));
});

const filterOf = (pattern: string): RegExp => {
  let filter: RegExp;
  try {
    filter = new RegExp(pattern, 'u');
  } catch (error) {
    throw new UsageError(`${pattern} is no regular expression`, { cause: error });
  }
  if (titles.some((title) => filter.test(title))) return filter;
  throw new UsageError(`Nothing is called ${pattern}; there are: ${titles.join('; ')}`);
};

const main = async (): Promise<boolean> => {
  const [pattern = ''] = readArguments({ allowPositionals: true }).positionals;
  await run({ filter: filterOf(pattern) });
  return true;
};

await runScript(main);
