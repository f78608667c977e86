import type { GroupRow, Row, ValueRow } from './rows.ts';

/** What a key does in the tree of names. */
export type KeyStep =
  | { readonly kind: 'focus'; readonly index: number }
  | { readonly kind: 'toggle'; readonly row: GroupRow }
  | { readonly kind: 'choose'; readonly row: ValueRow }
  | { readonly kind: 'more'; readonly row: Row & { readonly kind: 'more' } };

const activate = (row: Row): KeyStep => {
  switch (row.kind) {
    case 'group':
      return { kind: 'toggle', row };
    case 'value':
      return { kind: 'choose', row };
    case 'more':
      return { kind: 'more', row };
  }
};

/** Opens a group; of one that is open, goes to the first child. */
const right = (row: Row, index: number): KeyStep | undefined => {
  if (row.kind !== 'group') return undefined;
  return row.place.isOpen ? { kind: 'focus', index: index + 1 } : { kind: 'toggle', row };
};

/** Closes a group; from anything else goes to the group that it is in. */
const left = (rows: readonly Row[], row: Row): KeyStep | undefined => {
  if (row.kind === 'group' && row.place.isOpen) return { kind: 'toggle', row };
  const parentId = row.parent.row?.id;
  const index = parentId === undefined ? -1 : rows.findIndex(({ id }) => id === parentId);
  return index === -1 ? undefined : { kind: 'focus', index };
};

/** The next row that begins with a letter, from the top again after the end. */
const typed = (rows: readonly Row[], from: number, letter: string): KeyStep | undefined => {
  const wanted = letter.toLowerCase();
  for (let step = 1; step <= rows.length; step++) {
    const index = (from + step) % rows.length;
    const row = rows[index];
    if (row === undefined || row.kind === 'more') continue;
    if (row.label.toLowerCase().startsWith(wanted)) return { kind: 'focus', index };
  }
  return undefined;
};

/**
 * What a key does, after the pattern of trees of the ARIA practices.
 *
 * @param key - As `KeyboardEvent` has it.
 * @param index - Of the row that has the focus.
 * @param pageRows - How many rows can be seen.
 * @returns Nothing if the key is not for the tree.
 */
export const keyStep = (
  key: string,
  rows: readonly Row[],
  index: number,
  pageRows: number,
): KeyStep | undefined => {
  const row = rows[index];
  if (row === undefined) return undefined;
  const focus = (to: number): KeyStep => ({
    kind: 'focus',
    index: Math.max(0, Math.min(rows.length - 1, to)),
  });
  switch (key) {
    case 'ArrowDown':
      return focus(index + 1);
    case 'ArrowUp':
      return focus(index - 1);
    case 'PageDown':
      return focus(index + pageRows);
    case 'PageUp':
      return focus(index - pageRows);
    case 'Home':
      return focus(0);
    case 'End':
      return focus(rows.length - 1);
    case 'ArrowRight':
      return right(row, index);
    case 'ArrowLeft':
      return left(rows, row);
    case 'Enter':
    case ' ':
      return activate(row);
    default:
      return /^.$/u.test(key) ? typed(rows, index, key) : undefined;
  }
};
