import { clean, fit, widthOf } from './cells.ts';

/** A column of a table. */
export interface Column {
  readonly id: string;
  readonly title: string;
  /** In columns of the terminal. */
  readonly width: number;
  /** Whether it takes what is left, too. */
  readonly takesRest?: boolean;
  readonly align: 'left' | 'right';
  /** Where there is no room, those with the least go first. */
  readonly weight: number;
}

/** A line of a table. */
export interface Row {
  /** What no other row has. */
  readonly key: string;
  /** What it is called in questions and messages. */
  readonly label: string;
  readonly cells: Readonly<Record<string, string>>;
  /** What it is sorted by, for each column. */
  readonly values: Readonly<Record<string, string | number>>;
}

/** A column, and what it shows of an item. */
export interface ItemColumn<Item> extends Column {
  readonly value: (item: Item) => string | number;
  /** How the value is shown, if not as it is. */
  readonly cell?: (item: Item) => string;
}

/** How a table is sorted. */
export interface Order {
  readonly column: string;
  readonly isDescending: boolean;
}

const gap = '  ';

/** Makes the row of an item. All text in it is fit to be shown. */
export const rowOf = <Item>(
  item: Item,
  columns: readonly ItemColumn<Item>[],
  { key, label }: Pick<Row, 'key' | 'label'>,
): Row => ({
  key,
  label: clean(label),
  values: Object.fromEntries(columns.map(({ id, value }) => [id, value(item)])),
  cells: Object.fromEntries(
    columns.map(({ id, value, cell }) => [id, clean(cell?.(item) ?? String(value(item)))]),
  ),
});

const compare = (one: string | number, other: string | number): number =>
  one < other ? -1 : one > other ? 1 : 0;

/** Sorts rows; those that are the same there keep an order of their own. */
export const sortRows = (rows: readonly Row[], { column, isDescending }: Order): Row[] => {
  const sign = isDescending ? -1 : 1;
  return [...rows].sort(
    (one, other) =>
      sign * compare(one.values[column] ?? '', other.values[column] ?? '') ||
      compare(one.key, other.key),
  );
};

/** Whether a text is in a row, whatever the case of its letters. */
export const isFitting = ({ cells, key }: Row, filter: string): boolean => {
  const wanted = filter.toLowerCase();
  return [key, ...Object.values(cells)].some((text) => text.toLowerCase().includes(wanted));
};

const widthOfAll = (columns: readonly Column[]): number =>
  columns.reduce((sum, { width }) => sum + width + gap.length, -gap.length);

/** The columns that a width has room for, in their order; the one that is sorted by goes last. */
const fittingColumns = (columns: readonly Column[], width: number, sortedBy: string): Column[] => {
  const left = [...columns];
  const weightOf = ({ id, weight }: Column): number => (id === sortedBy ? Infinity : weight);
  while (left.length > 2 && widthOfAll(left) > width) {
    const least = left.reduce((one, other) => (weightOf(other) < weightOf(one) ? other : one));
    left.splice(left.indexOf(least), 1);
  }
  return left;
};

/** A column with the width that it got. */
interface Placed extends Column {
  readonly placedWidth: number;
}

/** Gives each column its width, of those that fit. */
export const placeColumns = (
  columns: readonly Column[],
  width: number,
  { column: sortedBy }: Order,
): Placed[] => {
  const fitting = fittingColumns(columns, width, sortedBy);
  // Less than none if even the last two columns are too wide.
  const spare = width - widthOfAll(fitting);
  const share = Math.floor(spare / fitting.filter(({ takesRest }) => takesRest).length);
  return fitting.map((column) => {
    const own = column.width + (column.takesRest === true ? share : 0);
    return { ...column, placedWidth: Math.max(1, Math.min(width, own)) };
  });
};

/** The width that shows every cell as a whole. */
export const wholeWidth = (columns: readonly Column[], rows: readonly Row[]): number => {
  const restColumns = columns.filter(({ takesRest }) => takesRest);
  const missing = restColumns.map(({ id, width }) =>
    Math.max(0, ...rows.map(({ cells }) => widthOf(cells[id] ?? '') - width)),
  );
  return widthOfAll(columns) + restColumns.length * Math.max(0, ...missing);
};

/** The line above the rows; the column that they are sorted by has an arrow. */
export const formatHead = (columns: readonly Placed[], order: Order): string =>
  columns
    .map(({ id, title, placedWidth, align }) => {
      const arrow = id === order.column ? (order.isDescending ? '↓' : '↑') : '';
      return fit(title + arrow, placedWidth, align);
    })
    .join(gap);

/** The line of a row. */
export const formatRow = ({ cells }: Row, columns: readonly Placed[]): string =>
  columns.map(({ id, placedWidth, align }) => fit(cells[id] ?? '', placedWidth, align)).join(gap);
