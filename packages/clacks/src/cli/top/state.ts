import type { ApiSession } from '../../http/api-types.ts';
import { charactersOf, clean } from './cells.ts';
import type { Snapshot, Wanted } from './snapshot.ts';
import { isFitting, sortRows } from './table.ts';
import type { Order, Row } from './table.ts';
import { connectionOrderOf, viewNames, views } from './views.ts';
import type { ViewName } from './views.ts';

/** A key that was pressed. */
export interface Key {
  /** What it is called, such as `up` or `a`; empty of what has no name. */
  readonly name: string;
  /** What it would write; empty of keys that write nothing. */
  readonly text: string;
  readonly isControl: boolean;
}

/** What is to be done after a key, besides drawing anew. */
export type Action =
  | { readonly kind: 'quit' | 'interrupt' | 'suspend' | 'ask' | 'redraw' }
  | { readonly kind: 'kick'; readonly id: string; readonly label: string };

/** What keys are for at the moment. */
export type Mode =
  | { readonly kind: 'browsing' | 'filtering' | 'helping' }
  /** Asks whether to close that connection. */
  | { readonly kind: 'confirming'; readonly row: Row };

/** What is remembered of a view while others are shown. */
interface ViewState {
  order: Order;
  filter: string;
  /** The row that the user went to; before that, it is the first one, whichever that is. */
  selected: string | undefined;
  /** Where it was last. */
  index: number;
}

const filterMax = 200;

const ask: Action = { kind: 'ask' };

/** What `clacks top` shows, and what keys make of it. */
export class TopState {
  view: ViewName;
  mode: Mode = { kind: 'browsing' };
  isPaused = false;
  snapshot: Snapshot | undefined;
  /** Why there is no newer snapshot. */
  trouble: string | undefined;
  /** What became of the last command; until the next key. */
  message = '';
  readonly #views = Object.fromEntries(
    viewNames.map((name) => {
      const { order } = views[name];
      return [name, { order, filter: '', selected: undefined, index: 0 }];
    }),
  ) as Record<ViewName, ViewState>;

  /** @param session - The first view is one that its user may see. */
  constructor({ manage, read }: ApiSession) {
    this.view = manage ? 'connections' : read ? 'names' : 'links';
  }

  /** How the rows are sorted. */
  get order(): Order {
    return this.#current.order;
  }

  /** Text that rows have to hold. */
  get filter(): string {
    return this.#current.filter;
  }

  /** What to ask the server for. */
  get wanted(): Wanted {
    const { order, filter } = this.#views.connections;
    const sort = connectionOrderOf(order.column);
    return {
      connections:
        this.view === 'connections'
          ? { sort, isDescending: order.isDescending, filter }
          : undefined,
      // They are counted while somebody asks.
      names: true,
      nodes: this.view === 'links',
    };
  }

  /** The rows of the view, as they are shown; `undefined` if there are none to be shown. */
  get rows(): readonly Row[] | undefined {
    const rows = this.snapshot && views[this.view].rows(this.snapshot);
    const { filter, order } = this.#current;
    return (
      rows && sortRows(filter === '' ? rows : rows.filter((row) => isFitting(row, filter)), order)
    );
  }

  /** Which of the rows is selected. */
  indexIn(rows: readonly Row[]): number {
    const state = this.#current;
    const found = rows.findIndex(({ key }) => key === state.selected);
    if (found !== -1) state.index = found;
    else if (state.selected === undefined) state.index = 0;
    return Math.max(0, Math.min(state.index, rows.length - 1));
  }

  /** There is a newer snapshot. */
  took(snapshot: Snapshot): void {
    this.trouble = undefined;
    // What another view asked for is older, but better than nothing.
    this.snapshot = { ...this.snapshot, ...snapshot };
  }

  /**
   * Handles a key.
   *
   * @param pageRows - How many rows are seen at a time.
   */
  press(key: Key, pageRows: number): Action | undefined {
    this.message = '';
    if (key.isControl && key.name === 'c') return { kind: 'interrupt' };
    if (key.isControl && key.name === 'z') return { kind: 'suspend' };
    if (key.isControl && key.name === 'l') return { kind: 'redraw' };
    switch (this.mode.kind) {
      case 'filtering':
        return this.#type(key);
      case 'confirming':
        return this.#answer(key, this.mode.row);
      case 'helping':
        this.mode = { kind: 'browsing' };
        return key.name === 'q' ? { kind: 'quit' } : undefined;
      case 'browsing':
        return this.#browse(key, pageRows);
    }
  }

  get #current(): ViewState {
    return this.#views[this.view];
  }

  #type({ name, text, isControl }: Key): Action | undefined {
    const state = this.#current;
    if (name === 'return' || name === 'enter') this.mode = { kind: 'browsing' };
    else if (name === 'escape' || (isControl && name === 'u')) {
      state.filter = '';
      if (name === 'escape') this.mode = { kind: 'browsing' };
    } else if (name === 'backspace')
      state.filter = charactersOf(state.filter).slice(0, -1).join('');
    else if (!isControl && text !== '' && clean(text) === text && state.filter.length < filterMax) {
      state.filter += text;
    }
    return ask;
  }

  #answer({ name }: Key, { key, label }: Row): Action | undefined {
    this.mode = { kind: 'browsing' };
    if (name === 'y') return { kind: 'kick', id: key, label };
    this.message = `not closed: ${label}`;
    return undefined;
  }

  #browse({ name, text }: Key, pageRows: number): Action | undefined {
    const steps: Readonly<Record<string, number>> = {
      up: -1,
      down: 1,
      pageup: -pageRows,
      pagedown: pageRows,
      home: -Infinity,
      end: Infinity,
    };
    const step = steps[name];
    if (step !== undefined) {
      this.#move(step);
      return undefined;
    }
    const run = this.#commands[text] ?? this.#commands[name];
    return run?.();
  }

  /** By what they write, or by their names. */
  readonly #commands: Readonly<Partial<Record<string, () => Action | undefined>>> = {
    q: () => ({ kind: 'quit' }),
    '1': () => this.#show('connections'),
    '2': () => this.#show('names'),
    '3': () => this.#show('links'),
    tab: () => this.#show(viewNames[(viewNames.indexOf(this.view) + 1) % viewNames.length]),
    left: () => this.#sortBy(-1),
    right: () => this.#sortBy(1),
    '<': () => this.#sortBy(-1),
    '>': () => this.#sortBy(1),
    r: () => {
      const { order } = this.#current;
      this.#current.order = { ...order, isDescending: !order.isDescending };
      return ask;
    },
    '/': () => {
      this.mode = { kind: 'filtering' };
      return undefined;
    },
    escape: () => {
      this.#current.filter = '';
      return ask;
    },
    k: () => {
      this.#confirm();
      return undefined;
    },
    p: () => this.#pause(),
    ' ': () => this.#pause(),
    h: () => {
      this.#help();
      return undefined;
    },
    '?': () => {
      this.#help();
      return undefined;
    },
  };

  #show(view: ViewName = 'connections'): Action {
    this.view = view;
    return ask;
  }

  #sortBy(step: number): Action {
    const { columns } = views[this.view];
    const index = columns.findIndex(({ id }) => id === this.order.column);
    const column = columns[(index + step + columns.length) % columns.length];
    // Of numbers the largest matter, of text it is the beginning.
    const isDescending = column?.align === 'right';
    this.#current.order = { column: column?.id ?? '', isDescending };
    return ask;
  }

  #move(step: number): void {
    const rows = this.rows ?? [];
    const index = Math.max(0, Math.min(this.indexIn(rows) + step, rows.length - 1));
    this.#current.index = index;
    this.#current.selected = rows[index]?.key;
  }

  #confirm(): void {
    const rows = this.rows ?? [];
    const row = rows[this.indexIn(rows)];
    if (this.view !== 'connections') this.message = 'only connections can be closed: press 1';
    else if (row !== undefined) this.mode = { kind: 'confirming', row };
  }

  #pause(): Action {
    this.isPaused = !this.isPaused;
    return ask;
  }

  #help(): void {
    this.mode = { kind: 'helping' };
  }
}
