import { markdownTable, shortNumber } from './markdown.ts';
import { peersOf } from './summary.ts';
import type { Row } from './summary.ts';
import { targets } from './targets.ts';
import type { Target } from './targets.ts';

/** Whether a target is reached, in words; nothing if it was not measured. */
const judge = (row: Row, { peer, limit, isAtMost }: Target): string[] => {
  const own = row.medians.get('clacks');
  const other = peer === undefined ? 1 : row.medians.get(peer);
  if (own === undefined || other === undefined) return [];
  const is = own / other;
  const isReached = isAtMost ? is <= limit : is >= limit;
  const wanted = `${isAtMost ? '≤' : '≥'} ${limit} ${peer === undefined ? row.figure.unit : `× ${peer}`}`;
  return [`${wanted}: ${shortNumber(is)}, ${isReached ? 'reached' : 'missed'}`];
};

const verdictOf = (row: Row): string =>
  targets
    .filter(({ workload, key }) => workload === row.workload && key === row.figure.key)
    .flatMap((target) => judge(row, target))
    .join('; ');

const cellOf = (row: Row, peer: string): string => {
  const value = row.medians.get(peer);
  if (value === undefined) return '–';
  const own = row.medians.get('clacks');
  if (peer === 'clacks' || own === undefined || value === 0) return shortNumber(value);
  return `${shortNumber(value)} (${(own / value).toFixed(2)})`;
};

/**
 * The medians as a table of Markdown; in parentheses: clacks in relation to that peer.
 *
 * @param isJudged - Whether it says what was wanted, and if that is reached.
 */
export const tableOf = (rows: readonly Row[], isJudged: boolean): string => {
  const peers = peersOf(rows);
  return markdownTable([
    ['workload', 'unit', ...peers, ...(isJudged ? ['wanted'] : [])],
    ...rows.map((row) => [
      `${row.workload} ${row.title}`,
      row.figure.unit,
      ...peers.map((peer) => cellOf(row, peer)),
      ...(isJudged ? [verdictOf(row)] : []),
    ]),
  ]);
};
