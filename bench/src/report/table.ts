import type { Row } from './summary.ts';
import { targets } from './targets.ts';

/** A number with three digits that count. */
export const shortNumber = (value: number): string => {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))} M`;
  if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))} k`;
  return String(Number(value.toPrecision(3)));
};

const verdictOf = (row: Row): string =>
  targets
    .filter(({ workload, key }) => workload === row.workload && key === row.figure.key)
    .flatMap(({ peer, ratio, isAtMost }) => {
      const [own, other] = [row.medians.get('clacks'), row.medians.get(peer)];
      if (own === undefined || other === undefined) return [];
      const is = own / other;
      const isReached = isAtMost ? is <= ratio : is >= ratio;
      const wanted = `${isAtMost ? '≤' : '≥'} ${ratio} × ${peer}`;
      return [`${wanted}: ${is.toFixed(2)}, ${isReached ? 'reached' : 'missed'}`];
    })
    .join('; ');

const cellOf = (row: Row, peer: string): string => {
  const value = row.medians.get(peer);
  if (value === undefined) return '–';
  const own = row.medians.get('clacks');
  if (peer === 'clacks' || own === undefined) return shortNumber(value);
  return `${shortNumber(value)} (${(own / value).toFixed(2)})`;
};

/** The medians as a table of Markdown; in parentheses: clacks in relation to that peer. */
export const tableOf = (rows: readonly Row[]): string => {
  const peers = [...new Set(rows.flatMap(({ medians }) => [...medians.keys()]))];
  const cells = [
    ['workload', 'unit', ...peers, 'wanted'],
    ...rows.map((row) => [
      `${row.workload} ${row.title}`,
      row.figure.unit,
      ...peers.map((peer) => cellOf(row, peer)),
      verdictOf(row),
    ]),
  ];
  const widths =
    cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  const lineOf = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = cells;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [lineOf(head), rule, ...body.map(lineOf)].join('\n');
};
