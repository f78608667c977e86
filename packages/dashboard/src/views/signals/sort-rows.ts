import type { Sorting } from '../../ui/virtual-table.tsx';
import { rateOf } from './signal-board.ts';
import type { BoardView, NameRow } from './signal-board.ts';

const compareNames = (one: NameRow, other: NameRow): number =>
  one.name < other.name ? -1 : one.name > other.name ? 1 : 0;

/** Rows in an order: those that are alike in it by their names, so that they stay where they are. */
export const sortRows = (
  rows: readonly NameRow[],
  { column, order }: Sorting,
  view: BoardView,
): readonly NameRow[] => {
  const sign = order === 'asc' ? 1 : -1;
  const numbers: Readonly<Record<string, (row: NameRow) => number>> = {
    count: ({ count }) => count,
    atMs: ({ atMs }) => atMs,
    rate: (row) => rateOf(row, view),
  };
  const numberOf = numbers[column];
  if (numberOf === undefined) return rows.toSorted((a, b) => sign * compareNames(a, b));
  return rows
    .map((row) => ({ row, number: numberOf(row) }))
    .sort((a, b) => sign * (a.number - b.number) || compareNames(a.row, b.row))
    .map(({ row }) => row);
};
