/** What a line of the console is. */
export type LineKind = 'sent' | 'received' | 'error' | 'note';

/** A line of the console. */
export interface ConsoleLine {
  /** Counts up. */
  readonly id: number;
  readonly atMs: number;
  readonly kind: LineKind;
  readonly text: string;
}

/** Lines that are shown at most: the oldest go. */
export const linesMax = 1000;

/** Whether a line says who somebody is, with a password. */
export const holdsPassword = (line: string): boolean => /^OVERHEAD\s+\S*A/iu.test(line);

/** Whether the node refuses something: `OVERHEAD E …`, or with more flags (protocol 6). */
const isError = (line: string): boolean => /^OVERHEAD [A-Z]*[EF]/u.test(line);

/** What kind of a line that is which came from the node. */
export const kindOf = (line: string): LineKind => (isError(line) ? 'error' : 'received');

/** A line as it is shown: without the password that it holds. */
export const shownLine = (line: string): string =>
  holdsPassword(line) ? line.replace(/^(OVERHEAD\s+\S+).*$/iu, '$1 ••••••') : line;

/** Lines of a text: one that somebody pasted. */
export const linesOf = (text: string): readonly string[] =>
  text.split(/\r\n|\r|\n/u).filter((line) => line !== '');

/** Adds lines at the end, and takes as many from the front as there are too many. */
export const withLines = (
  shown: readonly ConsoleLine[],
  added: readonly Omit<ConsoleLine, 'id'>[],
): readonly ConsoleLine[] => {
  const firstId = (shown.at(-1)?.id ?? 0) + 1;
  const lines = added.map((line, index) => ({ ...line, id: firstId + index }));
  return [...shown, ...lines].slice(-linesMax);
};
