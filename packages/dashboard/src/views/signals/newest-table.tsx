import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { formatCount, formatTime } from '../../ui/format.ts';
import { isNarrow } from '../../ui/narrow.ts';
import { VirtualTable } from '../../ui/virtual-table.tsx';
import type { Column, Sorting } from '../../ui/virtual-table.tsx';
import { Visible } from '../../ui/visible.tsx';
import { rateOf } from './signal-board.ts';
import type { BoardView, NameRow } from './signal-board.ts';
import { SignalValue } from './signal-value.tsx';
import { sortRows } from './sort-rows.ts';
import { Sparkline } from './sparkline.tsx';

const columnsFor = (view: BoardView): readonly Column<NameRow>[] => {
  const name: Column<NameRow> = {
    id: 'name',
    title: 'Name',
    widthRem: 11,
    isGrowing: true,
    isSortable: true,
    cell: (row) => <Visible text={row.name} />,
  };
  const value: Column<NameRow> = {
    id: 'value',
    title: 'Value',
    widthRem: 8,
    isGrowing: true,
    cell: (row) => <SignalValue signal={row} />,
  };
  const rate: Column<NameRow> = {
    id: 'rate',
    title: 'Per second',
    widthRem: 6,
    align: 'end',
    isSortable: true,
    cell: (row) => formatCount(rateOf(row, view)),
  };
  const trend: Column<NameRow> = {
    id: 'trend',
    title: 'Trend',
    widthRem: 13,
    cell: ({ samples }) => <Sparkline samples={samples} />,
  };
  const type: Column<NameRow> = {
    id: 'type',
    title: 'Type',
    widthRem: 4,
    cell: (row) => row.type.toUpperCase(),
  };
  const count: Column<NameRow> = {
    id: 'count',
    title: 'Count',
    widthRem: 5.5,
    align: 'end',
    isSortable: true,
    cell: (row) => formatCount(row.count),
  };
  const last: Column<NameRow> = {
    id: 'atMs',
    title: 'Last',
    widthRem: 7,
    align: 'end',
    isSortable: true,
    cell: ({ atMs }) => formatTime(atMs),
  };
  // On a phone the first three can be seen, and the others are beside them.
  return isNarrow.value
    ? [{ ...name, widthRem: 8.5 }, { ...value, widthRem: 5 }, trend, rate, count, last]
    : [name, type, value, count, rate, last, trend];
};

/** The newest signal of each name. */
export const NewestTable = (props: {
  readonly view: BoardView;
  /** Those of its rows that are to be shown. */
  readonly rows: readonly NameRow[];
  readonly empty: string;
}): JSX.Element => {
  const { view, empty } = props;
  const sorting = useSignal<Sorting>({ column: 'name', order: 'asc' });
  const rows = sortRows(props.rows, sorting.value, view);
  return (
    <VirtualTable
      label="Newest signal of each name"
      columns={columnsFor(view)}
      count={rows.length}
      rowAt={(index) => rows[index]}
      keyOf={({ name }) => name}
      sorting={sorting.value}
      onSort={(wanted) => {
        sorting.value = wanted;
      }}
      empty={empty}
    />
  );
};
