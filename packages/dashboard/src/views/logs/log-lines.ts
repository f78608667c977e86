import type { ApiLogEntry } from 'clacks/admin-api';
import { visibleText } from '../../ui/visible-text.ts';

/** A line of the log, or what is said in between. */
export type LogLine =
  | { readonly key: string; readonly kind: 'entry'; readonly entry: ApiLogEntry }
  /** Lines that the page has not got, or the start of another server. */
  | { readonly key: string; readonly kind: 'note'; readonly text: string };

/** Levels, the least important first. */
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** What is looked for. */
export interface LogFilter {
  /** The least important level that is shown; empty for all. */
  readonly level: string;
  /** What message or details hold, in any case. */
  readonly text: string;
}

const keyOf = ({ serial, atMs }: ApiLogEntry): string => `${serial}@${atMs}`;

const noteBetween = (before: ApiLogEntry, next: ApiLogEntry): LogLine | undefined => {
  const missing = next.serial - before.serial - 1;
  if (missing === 0) return undefined;
  const key = `before ${keyOf(next)}`;
  if (missing < 0) return { key, kind: 'note', text: 'The server was started anew.' };
  return { key, kind: 'note', text: `${missing} more, which this page was not told.` };
};

const newestEntry = (lines: readonly LogLine[]): ApiLogEntry | undefined => {
  const line = lines.at(-1);
  return line?.kind === 'entry' ? line.entry : undefined;
};

/** What is known with what came, each line once, and no more than so many: the oldest go. */
export const addEntries = (
  known: readonly LogLine[],
  came: readonly ApiLogEntry[],
  linesMax: number,
): readonly LogLine[] => {
  const keys = new Set(known.map(({ key }) => key));
  const fresh = came.filter((entry) => !keys.has(keyOf(entry)));
  if (fresh.length === 0) return known;
  const lines = [...known];
  let before = newestEntry(known);
  for (const entry of fresh) {
    const note = before && noteBetween(before, entry);
    if (note !== undefined) lines.push(note);
    lines.push({ key: keyOf(entry), kind: 'entry', entry });
    before = entry;
  }
  return lines.slice(-linesMax);
};

const isWanted = (line: LogLine, rank: number, text: string): boolean => {
  if (line.kind === 'note') return true;
  const { level, message, details } = line.entry;
  if (levels.indexOf(level) < rank && levels.includes(level)) return false;
  return (
    text === '' || message.toLowerCase().includes(text) || details.toLowerCase().includes(text)
  );
};

/** The lines that are looked for. */
export const filterLines = (
  lines: readonly LogLine[],
  { level, text }: LogFilter,
): readonly LogLine[] => {
  const rank = levels.indexOf(level);
  const wanted = text.trim().toLowerCase();
  return rank <= 0 && wanted === '' ? lines : lines.filter((line) => isWanted(line, rank, wanted));
};

const laidOut = (details: string): string => {
  try {
    return JSON.stringify(JSON.parse(details), undefined, 2);
  } catch {
    // They are no JSON, or were cut since they are too long.
    return details;
  }
};

/** Details for people to read: laid out if they are JSON, and with every character in sight. */
export const readableDetails = (details: string): string =>
  laidOut(details).split('\n').map(visibleText).join('\n');
