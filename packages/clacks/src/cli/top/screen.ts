import { styled } from '../output.ts';
import { charactersOf, clean, cut, fit, joinFitting } from './cells.ts';
import type { TopState } from './state.ts';
import { summaryOf } from './summary.ts';
import { formatHead, formatRow, placeColumns } from './table.ts';
import type { Row } from './table.ts';
import { viewNames, views } from './views.ts';

/** A terminal's size, in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Lines of the summary, of the views, the head of the table, and the line at the bottom. */
const otherLines = 4 + 1 + 1 + 1;

const keys = '1 2 3 Tab view  < > sort  r reverse  / filter  k close  p pause  h help  q quit';

const help = [
  '1 2 3, Tab      connections, names, links',
  '< >, ← →        sort by another column',
  'r               reverse the order',
  '/               filter: type, Enter keeps it, Esc removes it',
  '↑ ↓ PgUp PgDn   select; Home and End, too',
  'k               close the selected connection, after a question',
  'p, blank        pause, and go on',
  'Ctrl-L          draw anew',
  'q               quit; Ctrl-C as well, Ctrl-Z suspends',
  '',
  'IN is what the server receives, OUT what it sends. B are bytes, UNSENT those that wait in the server.',
  'Names are counted while somebody looks, in windows of 5 s. LAG is how long a line there and back takes.',
];

/** How many rows of the table a terminal shows. */
export const pageRows = ({ rows }: Size): number => Math.max(1, rows - otherLines);

const tabs = (state: TopState, rows: readonly Row[] | undefined, columns: number): string => {
  const names = viewNames.map((name, index) =>
    name === state.view ? `[${index + 1} ${name}]` : ` ${index + 1} ${name} `,
  );
  const total = state.view === 'connections' ? state.snapshot?.connections?.total : undefined;
  const parts = [
    ...(state.isPaused ? ['PAUSED'] : []),
    names.join(''),
    ...(state.filter === '' ? [] : [`filter: ${state.filter}`]),
    ...(rows === undefined ? [] : [`${rows.length} of ${total ?? rows.length}`]),
  ];
  return joinFitting(parts, columns);
};

/** Why there is nothing to be seen. */
const emptyText = (state: TopState, rows: readonly Row[] | undefined): string => {
  const { needs } = views[state.view];
  const { session } = state.snapshot ?? {};
  if (rows === undefined && session !== undefined && needs !== 'view' && !session[needs]) {
    return `The user ${clean(session.username)} may not see that: it needs the permission ${needs}.`;
  }
  if (rows === undefined) return 'asking …';
  return state.filter === '' ? 'none' : 'none that fits the filter (Esc removes it)';
};

const tableOf = (state: TopState, { columns, rows: height }: Size): string[] => {
  const page = pageRows({ columns, rows: height });
  const { rows } = state;
  const placed = placeColumns(views[state.view].columns, columns, state.order);
  const head = styled('bold', fit(formatHead(placed, state.order), columns));
  if (rows === undefined || rows.length === 0) return [head, fit(emptyText(state, rows), columns)];
  const selected = state.indexIn(rows);
  const first = Math.max(0, Math.min(selected - Math.floor(page / 2), rows.length - page));
  const lines = rows.slice(first, first + page).map((row, index) => {
    const line = fit(formatRow(row, placed), columns);
    return first + index === selected ? styled('inverse', line) : line;
  });
  return [head, ...lines];
};

const bottomOf = (state: TopState, columns: number): string => {
  const { mode, trouble, message } = state;
  if (mode.kind === 'confirming') {
    // However long the label is: what can be answered is seen.
    const answers = '? y/n';
    const question = cut(`Close ${mode.row.label}`, Math.max(0, columns - answers.length));
    return styled(['bold', 'yellow'], fit(question + answers, columns));
  }
  if (mode.kind === 'filtering') {
    // Its end is where somebody types.
    const room = Math.max(1, columns - 'filter: _'.length);
    return fit(`filter: ${charactersOf(state.filter).slice(-room).join('')}_`, columns);
  }
  if (trouble !== undefined) {
    return styled('red', fit(`${clean(trouble)} Trying again …`, columns));
  }
  return message === '' ? styled('dim', fit(keys, columns)) : fit(clean(message), columns);
};

/** Draws everything: lines that are as wide as the terminal, and no more than it has. */
export const renderScreen = (state: TopState, size: Size): string[] => {
  const { columns, rows: height } = size;
  const { snapshot } = state;
  const summary = snapshot === undefined ? [] : summaryOf(snapshot.overview);
  const body =
    state.mode.kind === 'helping'
      ? help.map((line) => fit(line, columns))
      : [tabs(state, state.rows, columns), ...tableOf(state, size)];
  const lines = [...summary.map((parts) => joinFitting(parts, columns)), ...body];
  const shownLines = lines.slice(0, Math.max(0, height - 1));
  const blank = ' '.repeat(columns);
  const fill = Array.from({ length: height - 1 - shownLines.length }, () => blank);
  return [...shownLines, ...fill, bottomOf(state, columns)];
};
