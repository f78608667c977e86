import { lineEnd } from '@clacks/protocol';

/** Signals of one name, as they are sent: one line, or several that are alike. */
export interface SignalLines {
  readonly type: 'notify' | 'set';
  /** As a wire string. */
  readonly name: string;
  /** Of the last one, as a wire string; `undefined` of `notify`. */
  readonly value: string | undefined;
  readonly count: number;
}

const notifyHead = 'NOTIFY ';
const setHead = 'SET ';

const countOf = (lines: string): number => {
  let count = 0;
  for (let end = lines.indexOf('\n'); end !== -1; end = lines.indexOf('\n', end + 1)) count++;
  return count;
};

/** Reads what somebody who listens is sent; `undefined` if it is something else. */
export const parseSignals = (lines: string): SignalLines | undefined => {
  if (lines.startsWith(notifyHead)) {
    const name = lines.slice(notifyHead.length, lines.indexOf(lineEnd));
    return { type: 'notify', name, value: undefined, count: countOf(lines) };
  }
  if (!lines.startsWith(setHead)) return undefined;
  const assign = lines.indexOf('=', setHead.length + 1);
  if (assign === -1) return undefined;
  const name = lines.slice(setHead.length, assign);
  // The last line: they all have the same name.
  const start = lines.lastIndexOf('\n', lines.length - lineEnd.length - 1) + 1;
  const value = lines.slice(start + assign + 1, -lineEnd.length);
  return { type: 'set', name, value, count: countOf(lines) };
};
