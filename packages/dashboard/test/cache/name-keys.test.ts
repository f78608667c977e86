import { describe, expect, it } from 'vitest';
import { keyStep } from '../../src/views/cache/name-keys.ts';
import { Place } from '../../src/views/cache/rows.ts';
import type { GroupRow, Row, ValueRow } from '../../src/views/cache/rows.ts';

const root = new Place('', -1);
const kitchen = new Place('Kitchen::', 0);
kitchen.isOpen = true;

const value = (parent: Place, label: string, position: number): ValueRow => ({
  kind: 'value',
  ...{ id: `value ${parent.prefix}${label}`, name: parent.prefix + label },
  ...{ label, parent, position },
});
const group: GroupRow = {
  kind: 'group',
  ...{ id: 'group Kitchen::', label: 'Kitchen', parent: root, position: 1, count: 2 },
  place: kitchen,
};
kitchen.row = group;
const cellar: GroupRow = {
  kind: 'group',
  ...{ id: 'group Cellar::', label: 'Cellar', parent: root, position: 2, count: 2 },
  place: new Place('Cellar::', 0),
};
const heater = value(kitchen, 'Heater', 1);
const light = value(kitchen, 'light', 2);
const rows: readonly Row[] = [group, heater, light, cellar, root.more];

const press = (key: string, row: Row) => {
  const step = keyStep(key, rows, rows.indexOf(row), 3);
  return step?.kind === 'focus' ? rows[step.index] : step?.kind;
};

describe('keys in the tree of names', () => {
  it('go up and down, and no further than there are rows', () => {
    expect(press('ArrowDown', group)).toBe(heater);
    expect(press('ArrowUp', heater)).toBe(group);
    expect(press('ArrowUp', group)).toBe(group);
    expect(press('ArrowDown', root.more)).toBe(root.more);
    expect(press('PageDown', group)).toBe(cellar);
    expect(press('PageUp', light)).toBe(group);
    expect(press('Home', light)).toBe(group);
    expect(press('End', light)).toBe(root.more);
  });

  it('open and close groups, and go in and out', () => {
    expect(press('ArrowRight', cellar)).toBe('toggle');
    expect(press('ArrowRight', group)).toBe(heater);
    expect(press('ArrowRight', heater)).toBeUndefined();
    expect(press('ArrowLeft', light)).toBe(group);
    expect(press('ArrowLeft', group)).toBe('toggle');
    expect(press('ArrowLeft', cellar)).toBeUndefined();
  });

  it('choose what has the focus', () => {
    expect(press('Enter', heater)).toBe('choose');
    expect(press(' ', group)).toBe('toggle');
    expect(press('Enter', root.more)).toBe('more');
  });

  it('go to the next row that begins with a letter, and begin again at the top', () => {
    expect(press('l', group)).toBe(light);
    expect(press('K', light)).toBe(group);
    expect(press('H', heater)).toBe(heater);
    expect(press('q', group)).toBeUndefined();
  });

  it('leave other keys alone', () => {
    expect(press('Tab', group)).toBeUndefined();
    expect(press('F5', group)).toBeUndefined();
  });
});
