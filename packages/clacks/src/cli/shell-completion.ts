import { commandTable } from '../broker/command-table.ts';

/** What the shell understands itself, without the server. */
const shellWords = {
  help: 'show this list',
  exit: 'leave the shell, as Ctrl-D does',
} as const;

const verbs = Object.keys(commandTable);

/** The verbs that are followed by a name. */
const verbsWithName: ReadonlySet<string> = new Set([
  'NOTIFY',
  'SET',
  'LISTEN',
  'UNLISTEN',
  'STORE',
  'SETANDSTORE',
  'RETRIEVE',
  'REMOVE',
  'INCREMENT',
  'DECREMENT',
]);

const beginningWith = (start: string, words: readonly string[]): string[] =>
  words.filter((word) => word.startsWith(start));

/**
 * Completes a line up to the cursor: its verb, then a name of the cache.
 *
 * @param names - Asks for the names; only called where one is due.
 * @returns What may stand there, and the part of the line that it would replace.
 */
export const complete = async (
  line: string,
  names: () => Promise<readonly string[]>,
): Promise<[string[], string]> => {
  const [verb = '', start, ...more] = line.split(' ');
  if (start === undefined) {
    const upper = beginningWith(verb.toUpperCase(), verbs).map((word) => `${word} `);
    return [[...upper, ...beginningWith(verb, Object.keys(shellWords))], verb];
  }
  if (more.length > 0 || !verbsWithName.has(verb) || start.includes('=')) return [[], line];
  return [beginningWith(start, await names()), start];
};

/** The help of the shell: its own words, and every verb with what it does and needs. */
export const shellHelp = (): string => {
  const rows = Object.entries(commandTable).map(([verb, { summary, needs }]) => [
    verb,
    needs === 'none' ? summary : `${summary} (needs ${needs})`,
  ]);
  const own = Object.entries(shellWords);
  return [...own, ...rows].map(([word = '', text = '']) => `${word.padEnd(17)} ${text}\n`).join('');
};
