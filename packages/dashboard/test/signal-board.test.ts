import type { ApiSignal } from 'clacks/admin-api';
import { describe, expect, it } from 'vitest';
import { addActivity, ratePerS } from '../src/views/signals/activity.ts';
import { numberOf, rateOf, SignalBoard } from '../src/views/signals/signal-board.ts';
import { sortRows } from '../src/views/signals/sort-rows.ts';

const set = (name: string, value: string, count = 1): ApiSignal => ({
  atMs: 0,
  type: 'set',
  name,
  value,
  bytes: value.length,
  count,
});

const eventOf = (...items: ApiSignal[]) => ({ items, seen: items.length, leftOut: 0 });

describe('the board of signals', () => {
  it('keeps the newest of each name, how many there were, and numbers', () => {
    const board = new SignalBoard(0);
    board.add(eventOf(set('a', '1'), set('b', 'text')), 100);
    board.add(eventOf(set('a', '2.5', 3)), 200);
    const { rows, log } = board.view(200);
    expect(rows.map(({ name, value, count }) => [name, value, count])).toEqual([
      ['b', 'text', 1],
      ['a', '2.5', 4],
    ]);
    expect(rows.map(({ samples }) => samples.map(({ value }) => value))).toEqual([[], [1, 2.5]]);
    expect(log.map(({ value }) => value)).toEqual(['1', 'text', '2.5']);
  });

  it('leaves a view as it was', () => {
    const board = new SignalBoard(0);
    board.add(eventOf(set('a', '1')), 0);
    const view = board.view(0);
    const before = structuredClone(view);
    board.add(eventOf(set('a', '2'), set('b', '1')), 10);
    expect(view).toEqual(before);
  });

  it('counts what the server left out, and what of it is of no name that is shown', () => {
    const board = new SignalBoard(0);
    // Of 10 signals 4 were of the name that is shown.
    board.add({ items: [set('a', '1', 4)], seen: 10, leftOut: 9 }, 0);
    const { seen, leftOut, uncounted } = board.view(0);
    expect({ seen, leftOut, uncounted }).toEqual({ seen: 10, leftOut: 9, uncounted: 6 });
  });

  it('forgets those names that were silent for longest, old signals and old numbers', () => {
    const board = new SignalBoard(0);
    board.add(eventOf(set('first', '0'), set('second', '0')), 0);
    for (let index = 0; index < 4999; index++) board.add(eventOf(set(`name-${index}`, '1')), index);
    for (let index = 0; index < 8000; index++) board.add(eventOf(set('second', `${index}`)), 5000);
    const { rows, log, forgotten } = board.view(5000);
    expect(rows).toHaveLength(5000);
    expect(forgotten).toBe(1);
    expect(rows.some(({ name }) => name === 'first')).toBe(false);
    expect(log).toHaveLength(5000);
    expect(log.at(-1)?.value).toBe('7999');
    expect(rows.at(-1)?.samples.map(({ value }) => value)).toEqual(
      Array.from({ length: 60 }, (_, index) => 7940 + index),
    );
  });

  it('sorts by names, counts and rates', () => {
    const board = new SignalBoard(0);
    board.add(eventOf(set('c', '1', 5), set('a', '1', 1), set('b', '1', 5)), 0);
    const view = board.view(1000);
    const sorted = (column: string, order: 'asc' | 'desc') =>
      sortRows(view.rows, { column, order }, view)
        .map(({ name }) => name)
        .join('');
    expect(sorted('name', 'asc')).toBe('abc');
    expect(sorted('name', 'desc')).toBe('cba');
    expect(sorted('count', 'desc')).toBe('bca');
    expect(sorted('rate', 'asc')).toBe('abc');
    expect(view.rows.map((row) => rateOf(row, view) > 0)).toEqual([true, true, true]);
  });

  it('takes for numbers what is one and nothing else', () => {
    const values = ['1', '-2.50', ' 3 ', '1e3', '.5', '', 'x', '1 2', '0x10', 'Infinity', '1e999'];
    expect(values.map(numberOf)).toEqual([1, -2.5, 3, 1000, 0.5, ...Array.from({ length: 6 })]);
    expect(numberOf(undefined)).toBeUndefined();
  });
});

describe('a rate', () => {
  it('is that of a steady flow from the beginning on, and goes down when that ends', () => {
    let activity = addActivity(undefined, 0, 0);
    const told = new Map<number, number>();
    for (let nowMs = 250; nowMs <= 60_000; nowMs += 250) {
      activity = addActivity(activity, 25, nowMs);
      told.set(nowMs, ratePerS(activity, 0, nowMs));
    }
    for (const atMs of [2000, 10_000, 60_000]) {
      expect(Math.round((told.get(atMs) ?? 0) / 10)).toBe(10);
    }
    expect(ratePerS(activity, 0, 90_000)).toBeLessThan(1);
  });
});
