import { verbs } from '@clacks/protocol';
import type { Verb, Verbs } from '@clacks/protocol';
import { tokenOf, usernames } from './users.ts';

/** A number from 0 up to 1, at random. */
export type Random = () => number;

/** A whole number from 0 up to a limit. */
export const below = (random: Random, limit: number): number => Math.floor(random() * limit);

/** One of some things. */
export const oneOf = <Thing>(random: Random, things: readonly Thing[]): Thing => {
  const thing = things[below(random, things.length)];
  if (thing === undefined) throw new RangeError('nothing to choose from');
  return thing;
};

const numbers = [
  '0',
  '-0',
  '1',
  '-1',
  '.5',
  '1.',
  '1e5',
  '1e-7',
  '1e999',
  '-1e999',
  '1e308',
  '5e-324',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '18446744073709551615',
  '18446744073709551616',
  '99999999999999999999999999999999',
  'Inf',
  '-inf',
  'nan',
  'Infinity',
  '0x10',
  '1_000',
  '\u00d9\u00a1',
  '  7',
  '+3',
  '1e+-2',
  '4294967295',
  '1800000000.123456',
  '1800000000',
];

const names = [
  'a',
  'b',
  'c',
  'd',
  'e',
  'Kitchen::Temperature',
  'Kitchen::*',
  'Kitchen::**',
  '*',
  '**',
  '*::*',
  '::',
  'a::',
  '::a',
  '**::a',
  '*a',
  '=',
  '=a',
  'a=b',
  '%3D',
  '%25',
  'a%3Db',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'x'.repeat(300),
  'a::'.repeat(40),
  '*::'.repeat(33),
];

const texts = [
  '',
  ' ',
  '=',
  'text',
  ' leading and trailing ',
  'a=b=c',
  'PAGECAMELCLACKSB64:QQ==',
  '\u0000',
  '\u00ff\u00fe',
  'dropped',
  'REMOVED',
  'x'.repeat(5000),
  'y'.repeat(900),
  ...numbers,
];

const flags = Array.from('ACDEFGILMNOSTUZ');

const stamps = ['0', '1', '1800000000.5', '1800000000~0', '1800000000~-5', '4294967296', '1e3~1e9'];

const counters = [
  '0 D fuzz:1:1 ',
  '0 U fuzz:1:1 5',
  '1800000000~-5 U a:1:1,b:2:2 x',
  '0 D b:1:1,a:1:1 ',
  '0 D fuzz:999999999999999:1e308 ',
  '0 U fuzz:1:.5,fuzz:1:1 1',
];

const modes = [
  'U',
  'D',
  'C',
  'S',
  'U!',
  'C!',
  'D!',
  'U~5',
  'U~-1e9',
  'C~nan',
  '!',
  '~',
  'constructor',
];

const flagsOf = (random: Random): string =>
  Array.from({ length: 1 + below(random, 3) }, () => oneOf(random, flags)).join('');

const overheadText = (random: Random): string => {
  const kind = random();
  if (kind < 0.3) return tokenOf(oneOf(random, usernames));
  return kind < 0.6 ? oneOf(random, ['0', '1', 'true']) : oneOf(random, texts);
};

const keysync = (random: Random): string => {
  const times = `${oneOf(random, [...numbers, ...stamps])} ${oneOf(random, ['0', ...stamps])}`;
  const value = random() < 0.5 ? oneOf(random, counters) : oneOf(random, texts);
  return `KEYSYNC ${times} ${oneOf(random, modes)} ${oneOf(random, names)}=${value}`;
};

const nodeText = (random: Random): string =>
  random() < 0.5 ? `fuzz ${oneOf(random, numbers)}` : oneOf(random, [...texts, ...stamps]);

const makers: Readonly<Record<Verbs[Verb], (verb: Verb, random: Random) => string>> = {
  none: (verb) => verb,
  name: (verb, random) => `${verb} ${oneOf(random, names)}`,
  assignment: (verb, random) => `${verb} ${oneOf(random, names)}=${oneOf(random, texts)}`,
  step: (verb, random) => `${verb} ${oneOf(random, names)}=${oneOf(random, numbers)}`,
  text: (verb, random) => `${verb} ${nodeText(random)}`,
  overhead: (verb, random) => `${verb} ${flagsOf(random)} ${overheadText(random)}`,
  keysync: (_, random) => keysync(random),
};

const verbList = Object.keys(verbs) as readonly Verb[];

/** A line that is a command, or nearly. */
export const randomLine = (random: Random): string => {
  // Half of them are of the kinds with the most behind them.
  const verb =
    random() < 0.3
      ? oneOf(random, ['OVERHEAD', 'KEYSYNC', 'NODE', 'CLEARED', 'INCREMENT', 'LISTEN'] as const)
      : oneOf(random, verbList);
  const line = makers[verbs[verb]](verb, random);
  return random() < 0.05 ? line.toLowerCase() : line;
};

/** Words to put anywhere. */
export const words: readonly string[] = [
  ...verbList,
  ...numbers,
  ...names,
  ...texts,
  ...stamps,
  ...counters,
  ...modes,
  ...usernames.map(tokenOf),
  'OVERHEAD I 1',
  'OVERHEAD I 0',
  'CLACKS clacks-ts 1 in interclacks client mode',
];
