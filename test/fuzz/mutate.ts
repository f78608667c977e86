import { below, oneOf, randomLine, words } from './grammar.ts';
import type { Random } from './grammar.ts';
import { senderNames } from './input.ts';
import type { Input } from './input.ts';

/** Longest input: more than may be sent before a login. */
const maxBytes = 72 * 1024;

type Mutator = (bytes: string, random: Random, other: string) => string;

/** A range of bytes, short ones more often. */
const rangeIn = (bytes: string, random: Random): [start: number, end: number] => {
  const start = below(random, bytes.length + 1);
  const length = Math.ceil((bytes.length - start) * random() ** 4);
  return [start, start + length];
};

const replaceAt = (bytes: string, start: number, end: number, text: string): string =>
  bytes.slice(0, start) + text + bytes.slice(end);

const insertAnywhere = (bytes: string, random: Random, text: string): string => {
  const at = below(random, bytes.length + 1);
  return replaceAt(bytes, at, at, text);
};

/** Changes the list of lines. */
const onLines =
  (change: (lines: string[], at: number, random: Random, other: string) => void): Mutator =>
  (bytes, random, other) => {
    const lines = bytes.split('\n');
    change(lines, below(random, lines.length), random, other);
    return lines.join('\n');
  };

const insertLine = onLines((lines, at, random) => {
  lines.splice(at, 0, `${randomLine(random)}\r`);
});
const replaceLine = onLines((lines, at, random) => {
  lines[at] = `${randomLine(random)}\r`;
});
const removeLine = onLines((lines, at) => {
  lines.splice(at, 1);
});
const moveLine = onLines((lines, at, random) => {
  const [line = ''] = lines.splice(at, 1);
  lines.splice(below(random, lines.length + 1), 0, line);
});
const repeatLine = onLines((lines, at, random) => {
  const line = lines[at] ?? '';
  const times = Math.floor(2 ** (random() ** 2 * 9));
  lines.splice(
    at,
    0,
    ...Array<string>(Math.min(times, Math.ceil(maxBytes / (line.length + 1)))).fill(line),
  );
});
const insertOther = onLines((lines, at, random, other) => {
  const theirs = other.split('\n');
  const from = below(random, theirs.length);
  lines.splice(at, 0, ...theirs.slice(from, from + 1 + below(random, 8)));
});

const replaceWord: Mutator = (bytes, random) => {
  const found = [...bytes.slice(0, 4096).matchAll(/[^ =:,~\r\n]+/gu)];
  if (found.length === 0) return insertAnywhere(bytes, random, oneOf(random, words));
  const { index, 0: word } = oneOf(random, found);
  return replaceAt(bytes, index, index + word.length, oneOf(random, words));
};

const insertWord: Mutator = (bytes, random) => insertAnywhere(bytes, random, oneOf(random, words));

const lineEnds = ['\r', '\n', '\r\n', '\n\r', '\r\r', '\n\n'];
const insertLineEnd: Mutator = (bytes, random) =>
  insertAnywhere(bytes, random, oneOf(random, lineEnds));

const separators = [' ', '=', '::', ':', ',', '~', '*', '%', '!'];
const insertSeparator: Mutator = (bytes, random) =>
  insertAnywhere(bytes, random, oneOf(random, separators));

const changeByte: Mutator = (bytes, random) => {
  const at = below(random, bytes.length + 1);
  return replaceAt(bytes, at, at + 1, String.fromCharCode(below(random, 256)));
};

const removeRange: Mutator = (bytes, random) => {
  const [start, end] = rangeIn(bytes, random);
  return replaceAt(bytes, start, end, '');
};

const repeatRange: Mutator = (bytes, random) => {
  const [start, end] = rangeIn(bytes, random);
  const times = Math.min(2 ** (random() ** 3 * 13), maxBytes / Math.max(1, end - start));
  return replaceAt(bytes, end, end, bytes.slice(start, end).repeat(Math.floor(times)));
};

/** Those that stand here twice are used twice as often. */
const mutators: readonly Mutator[] = [
  insertLine,
  insertLine,
  insertLine,
  replaceLine,
  removeLine,
  moveLine,
  repeatLine,
  insertOther,
  insertOther,
  replaceWord,
  replaceWord,
  insertWord,
  insertLineEnd,
  insertSeparator,
  changeByte,
  removeRange,
  repeatRange,
];

/**
 * Another input like that one.
 *
 * @param other - One to take parts of.
 */
export const mutate = (input: Input, other: Input, random: Random): Input => {
  let { bytes } = input;
  const steps = 1 + below(random, 2 ** below(random, 5));
  for (let step = 0; step < steps; step++) {
    bytes = oneOf(random, mutators)(bytes, random, other.bytes).slice(0, maxBytes);
  }
  return {
    sender: random() < 0.1 ? oneOf(random, senderNames) : input.sender,
    cut: below(random, 256),
    bytes,
  };
};
