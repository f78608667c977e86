import { markdownTable, shortNumber } from './markdown.ts';
import { peersOf } from './summary.ts';
import type { Row } from './summary.ts';

const cellOf = (row: Row, first: Row, peer: string): string => {
  const [value, least] = [row.medians.get(peer), first.medians.get(peer)];
  if (value === undefined) return '–';
  return row === first || least === undefined
    ? shortNumber(value)
    : `${shortNumber(value)} (${(value / least).toFixed(2)})`;
};

/** What grows with what, as a table of Markdown; in parentheses: in relation to the fewest of it. */
export const growthTableOf = (rows: readonly Row[]): string => {
  const peers = peersOf(rows);
  const unit = rows[0]?.figure.unit ?? '';
  return markdownTable([
    [`W10, ${unit} of CPU a delivery`, ...peers],
    ...rows.map((row) => {
      const first = rows.find(({ growth }) => growth?.axis === row.growth?.axis) ?? row;
      return [row.title, ...peers.map((peer) => cellOf(row, first, peer))];
    }),
  ]);
};
