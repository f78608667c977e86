import { verbs } from './command.ts';
import type { Command, Verb } from './command.ts';

// A Map, because a plain object would answer to `constructor` and `toString`.
const forms = new Map<string, readonly [Verb, (typeof verbs)[Verb]]>(
  Object.entries(verbs).map(([verb, form]) => [verb, [verb as Verb, form]]),
);

const unknown = (line: string): Command => ({ verb: 'UNKNOWN', line });

/** The index of the `=` that ends the name: the first that is not the name's first byte. */
const nameEnd = (line: string, start: number): number => line.indexOf('=', start + 1);

const parseAssignment = (verb: Verb, line: string, start: number): Command => {
  const end = nameEnd(line, start);
  if (end === -1) return unknown(line);
  return { verb, name: line.slice(start, end), value: line.slice(end + 1) } as Command;
};

const parseStep = (verb: Verb, line: string, start: number): Command => {
  const end = line.lastIndexOf('=');
  const step = end > start && end < line.length - 1 ? line.slice(end + 1) : undefined;
  const name = line.slice(start, step === undefined ? line.length : end);
  return { verb, name, step } as Command;
};

const skipSpaces = (line: string, start: number): number => {
  let index = start;
  while (line.charCodeAt(index) === 0x20) index++;
  return index;
};

const parseOverhead = (line: string, start: number): Command => {
  const flagsStart = skipSpaces(line, start);
  const flagsEnd = line.indexOf(' ', flagsStart);
  if (flagsEnd === -1) return { verb: 'OVERHEAD', flags: line.slice(flagsStart), text: '' };
  const text = line.slice(skipSpaces(line, flagsEnd));
  return { verb: 'OVERHEAD', flags: line.slice(flagsStart, flagsEnd), text };
};

const keysyncPattern = /^KEYSYNC (\d+(?:\.\d+)?) (\d+(?:\.\d+)?) (\S+) ([^]+)$/u;

const parseKeysync = (line: string): Command => {
  const [, cacheTime, accessTime, mode = '', assignment = ''] = keysyncPattern.exec(line) ?? [];
  const end = nameEnd(assignment, 0);
  if (cacheTime === undefined || end === -1) return unknown(line);
  return {
    verb: 'KEYSYNC',
    cacheTime: Number(cacheTime),
    accessTime: Number(accessTime),
    mode,
    name: assignment.slice(0, end),
    value: assignment.slice(end + 1),
  };
};

/**
 * Parses one line, without its line end, as a {@link LineSplitter} hands it out. Never throws:
 * what is no command comes back with the verb `UNKNOWN`. The inverse of {@link formatCommand}.
 */
export const parseCommand = (line: string): Command => {
  const space = line.indexOf(' ');
  const known = forms.get(space === -1 ? line : line.slice(0, space));
  if (known === undefined) return unknown(line);
  // Not the verb that was cut out: who looks for this one finds it sooner.
  const [verb, form] = known;
  if (form === 'none') return space === -1 ? ({ verb } as Command) : unknown(line);
  const start = space + 1;
  if (space === -1 || start === line.length) return unknown(line);
  switch (form) {
    case 'name':
      return { verb, name: line.slice(start) } as Command;
    case 'text':
      return { verb, text: line.slice(start) } as Command;
    case 'assignment':
      return parseAssignment(verb, line, start);
    case 'step':
      return parseStep(verb, line, start);
    case 'overhead':
      return parseOverhead(line, start);
    case 'keysync':
      return parseKeysync(line);
  }
};
