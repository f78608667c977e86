import type { ComponentChildren, JSX, RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { useVirtualRows } from './virtual-rows.ts';

/** A column of a table. */
export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  readonly widthRem: number;
  /** Whether it takes what room there is. */
  readonly isGrowing?: boolean;
  readonly align?: 'end';
  readonly isSortable?: boolean;
  readonly cell: (row: Row) => ComponentChildren;
}

/** What a table is sorted by. */
export interface Sorting {
  readonly column: string;
  readonly order: 'asc' | 'desc';
}

/** What a table shows. */
export interface VirtualTableProps<Row> {
  /** What it is a table of, for who does not see it. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  /** How many rows there are in all. */
  readonly count: number;
  /** A row; undefined if it is still to come. */
  readonly rowAt: (index: number) => Row | undefined;
  readonly keyOf: (row: Row) => string;
  readonly sorting?: Sorting;
  readonly onSort?: (sorting: Sorting) => void;
  /** Is told which rows can be seen. */
  readonly onRange?: (first: number, last: number) => void;
  /** What stands there if there are no rows. */
  readonly empty: string;
}

/** Height of a row in pixels: that of `.virtual-table [role=row]`. */
const rowHeight = 36;

/** Room between columns, and at the ends of a row. */
const gapRem = 0.75;

/** All rows have the same width, so that their columns are in line. */
const layoutOf = (columns: readonly Column<never>[]) => {
  const widths = columns.map(({ widthRem }) => widthRem);
  return {
    gridTemplateColumns: columns
      .map(({ widthRem, isGrowing = false }) =>
        isGrowing ? `minmax(${widthRem}rem, 1fr)` : `${widthRem}rem`,
      )
      .join(' '),
    gap: `${gapRem}rem`,
    padding: `0 ${gapRem}rem`,
    minWidth: `${widths.reduce((sum, width) => sum + width + gapRem, gapRem)}rem`,
  };
};

const sortState = (
  sorting: Sorting | undefined,
  id: string,
): 'none' | 'ascending' | 'descending' => {
  if (sorting?.column !== id) return 'none';
  return sorting.order === 'asc' ? 'ascending' : 'descending';
};

const Heading = <Row,>(props: {
  readonly column: Column<Row>;
  readonly sorting: Sorting | undefined;
  readonly onSort: ((sorting: Sorting) => void) | undefined;
}): JSX.Element => {
  const { column, sorting, onSort } = props;
  const { id, title, align, isSortable = false } = column;
  if (!isSortable || onSort === undefined) {
    return (
      <span role="columnheader" class={align}>
        {title}
      </span>
    );
  }
  const isDescending = sorting?.column === id && sorting.order === 'desc';
  return (
    <span role="columnheader" class={align} aria-sort={sortState(sorting, id)}>
      <button
        type="button"
        onClick={() => {
          onSort({ column: id, order: isDescending ? 'asc' : 'desc' });
        }}
      >
        {title}
      </button>
    </span>
  );
};

/** A row that moves, or can be seen no longer, loses the focus: it gets it back, or the table does. */
const useKeptFocus = (scroller: RefObject<HTMLElement | null>): void => {
  const { activeElement } = document;
  const before = scroller.current?.contains(activeElement) === true ? activeElement : undefined;
  useLayoutEffect(() => {
    if (!(before instanceof HTMLElement) || document.activeElement === before) return;
    (before.isConnected ? before : scroller.current)?.focus({ preventScroll: true });
  });
};

/** A table of any length: only the rows that can be seen are made. */
export const VirtualTable = <Row,>(props: VirtualTableProps<Row>): JSX.Element => {
  const { label, columns, count, rowAt, keyOf, sorting, onSort, onRange, empty } = props;
  const scroller = useRef<HTMLDivElement>(null);
  useKeptFocus(scroller);
  const { rows, height } = useVirtualRows(scroller, count, rowHeight);
  const first = rows[0]?.index ?? 0;
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    onRange?.(first, last);
  }, [first, last, onRange]);
  const layout = layoutOf(columns);
  const { minWidth } = layout;
  return (
    <div
      class="virtual-table"
      ref={scroller}
      role="table"
      aria-label={label}
      aria-rowcount={count + 1}
      tabIndex={0}
    >
      <div role="rowgroup" class="head" style={{ minWidth }}>
        <div role="row" style={layout} aria-rowindex={1}>
          {columns.map((column) => (
            <Heading key={column.id} column={column} sorting={sorting} onSort={onSort} />
          ))}
        </div>
      </div>
      <div
        role="rowgroup"
        class="body"
        style={{ minWidth, height: `${Math.max(height, rowHeight)}px` }}
      >
        {count === 0 && <p class="empty">{empty}</p>}
        {rows.map(({ index, start }) => {
          const row = rowAt(index);
          return (
            <div
              role="row"
              key={row === undefined ? index : keyOf(row)}
              aria-rowindex={index + 2}
              style={{ ...layout, transform: `translateY(${start}px)` }}
            >
              {columns.map(({ id, align, cell }) => (
                <span role="cell" key={id} class={align}>
                  {row === undefined ? '…' : cell(row)}
                </span>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
};
