import type { HTMLAttributes, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { formatCount } from '../../ui/format.ts';
import { useVirtualRows } from '../../ui/virtual-rows.ts';
import { visibleText } from '../../ui/visible-text.ts';
import { keyStep } from './name-keys.ts';
import type { KeyStep } from './name-keys.ts';
import type { NameTree } from './name-tree.ts';
import { valueId } from './rows.ts';
import type { Row } from './rows.ts';

/** What a list of names shows. */
export interface NameListProps {
  readonly label: string;
  readonly tree: NameTree;
  /** The name whose value is shown. */
  readonly selected: string | undefined;
  readonly onChoose: (name: string) => void;
  /** What stands there if there is nothing. */
  readonly empty: string;
}

/** Height of a row in pixels: that of `.names [role=treeitem]`. */
const rowHeight = 32;
/** What is deeper is not moved further to the side. */
const indentedMax = 12;

const labelOf = (label: string): string => (label === '' ? '(empty)' : visibleText(label));

const moreText = (row: Row & { readonly kind: 'more' }): string =>
  row.parent.state === 'failed' ? `${row.parent.problem} Try again` : 'Loading more…';

const RowContent = ({ row }: { readonly row: Row }): JSX.Element => {
  switch (row.kind) {
    case 'group':
      return (
        <>
          <span class="twist" aria-hidden="true">
            {row.place.isOpen ? '▾' : '▸'}
          </span>
          <span class="label">{labelOf(row.label)}</span>
          <span class="muted count">
            {formatCount(row.count)}
            <span class="hidden-text"> names</span>
          </span>
        </>
      );
    case 'value':
      return <span class="label">{labelOf(row.label)}</span>;
    case 'more':
      return (
        <span class={row.parent.state === 'failed' ? 'label bad' : 'label muted'}>
          {moreText(row)}
        </span>
      );
  }
};

/** What a row says of itself to who does not see it. */
const stateOf = (row: Row, selected: string | undefined): HTMLAttributes<HTMLDivElement> => {
  const level = { 'aria-level': Math.max(0, row.parent.depth + 1) + 1 };
  if (row.kind === 'more') return level;
  const { children, next } = row.parent;
  return {
    ...level,
    'aria-posinset': row.position,
    'aria-setsize': next === undefined ? children.length : -1,
    ...(row.kind === 'group'
      ? { 'aria-expanded': row.place.isOpen }
      : { 'aria-selected': row.name === selected }),
  };
};

/** The row that has the focus, by its id: rows around it come and go. */
const useActive = (rows: readonly Row[], selected: string | undefined) => {
  const [active, setActive] = useState<string | undefined>(undefined);
  const lastIndex = useRef(0);
  let index = rows.findIndex(({ id }) => id === active);
  if (index === -1 && active === undefined && selected !== undefined) {
    const id = valueId(selected);
    index = rows.findIndex((row) => row.id === id);
  }
  // It is gone: what is in its place now.
  if (index === -1) index = Math.max(0, Math.min(lastIndex.current, rows.length - 1));
  lastIndex.current = index;
  return { index, setActive };
};

const TreeRow = (props: {
  readonly row: Row;
  readonly id: string;
  readonly top: number;
  readonly isActive: boolean;
  readonly selected: string | undefined;
  readonly onClick: () => void;
}): JSX.Element => {
  const { row, id, top, isActive, selected, onClick } = props;
  const indentRem = 0.5 + Math.min(row.parent.depth + 1, indentedMax);
  return (
    <div
      id={id}
      role="treeitem"
      class={isActive ? `${row.kind} active` : row.kind}
      style={{ transform: `translateY(${top}px)`, paddingInlineStart: `${indentRem}rem` }}
      onClick={onClick}
      {...stateOf(row, selected)}
    >
      <RowContent row={row} />
    </div>
  );
};

/** Scrolls to the selected name when it gets there; not again each time that other rows come. */
const useSelectedInSight = (
  rows: readonly Row[],
  selected: string | undefined,
  scrollTo: (index: number) => void,
): void => {
  const id = selected === undefined ? undefined : valueId(selected);
  const isThere = rows.some((row) => row.id === id);
  useEffect(() => {
    if (isThere) scrollTo(rows.findIndex((row) => row.id === id));
  }, [id, isThere]);
};

/** A tree of names of any length, for keys and the mouse: only rows that can be seen are made. */
export const NameList = (props: NameListProps): JSX.Element => {
  const { label, tree, selected, onChoose, empty } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const listId = useId();
  const rows = tree.rows.value;
  const { rows: seen, height, scrollTo } = useVirtualRows(scroller, rows.length, rowHeight);
  const { index: activeIndex, setActive } = useActive(rows, selected);
  useSelectedInSight(rows, selected, scrollTo);
  useEffect(() => {
    for (const { index } of seen) {
      const row = rows[index];
      if (row?.kind !== 'more' || row.parent.state === 'failed') continue;
      void tree.more(row.parent);
    }
  });

  const take = (step: KeyStep): void => {
    const row = step.kind === 'focus' ? rows[step.index] : step.row;
    setActive(row?.id);
    if (step.kind === 'focus') scrollTo(step.index);
    else if (step.kind === 'toggle') tree.toggle(step.row);
    else if (step.kind === 'choose') onChoose(step.row.name);
    else void tree.more(step.row.parent);
  };
  const press = (key: string, index: number): boolean => {
    const pageRows = Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1;
    const step = keyStep(key, rows, index, Math.max(1, pageRows));
    if (step !== undefined) take(step);
    return step !== undefined;
  };

  // A tree without a row is none.
  if (rows.length === 0) return <p class="names empty">{empty}</p>;
  const isActiveSeen = seen.some(({ index }) => index === activeIndex);
  return (
    <div
      class="names"
      ref={scroller}
      role="tree"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={isActiveSeen ? `${listId}-${activeIndex}` : undefined}
      onKeyDown={(event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (press(event.key, activeIndex)) event.preventDefault();
      }}
    >
      <div class="body" style={{ height: `${height}px` }}>
        {seen.map(({ index, start }) => {
          const row = rows[index];
          if (row === undefined) return undefined;
          return (
            <TreeRow
              key={row.id}
              id={`${listId}-${index}`}
              row={row}
              top={start}
              isActive={index === activeIndex}
              selected={selected}
              onClick={() => press('Enter', index)}
            />
          );
        })}
      </div>
    </div>
  );
};
