import type { ApiCacheChild } from 'clacks/admin-api';
import { describe, expect, it } from 'vitest';
import { NameTree } from '../../src/views/cache/name-tree.ts';
import type { Row } from '../../src/views/cache/rows.ts';

/** Children of a place as the server has them, in parts of two. */
class FakeCache {
  names: string[];
  asked: string[] = [];
  failure: Error | undefined;

  constructor(...names: string[]) {
    this.names = names;
  }

  readonly load = (prefix: string, after: string | undefined) => {
    this.asked.push(after === undefined ? prefix : `${prefix}+${after}`);
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const items = new Map<string, ApiCacheChild>();
    for (const name of this.names.filter((each) => each.startsWith(prefix)).sort()) {
      const cut = name.indexOf('::', prefix.length);
      if (cut === -1) {
        items.set(name, { kind: 'value', name, label: name.slice(prefix.length) });
      } else {
        const group = name.slice(0, cut + 2);
        const count = this.names.filter((each) => each.startsWith(group)).length;
        items.set(group, {
          kind: 'group',
          prefix: group,
          label: name.slice(prefix.length, cut),
          count,
        });
      }
    }
    const from = after === undefined ? 0 : Number(after);
    const part = [...items.values()].slice(from, from + 2);
    return Promise.resolve({
      items: part,
      ...(from + 2 < items.size && { next: String(from + 2) }),
    });
  };
}

const shown = (row: Row): string => {
  const indent = '  '.repeat(row.parent.depth + 1);
  if (row.kind === 'more') return `${indent}…${row.parent.problem}`;
  return indent + (row.kind === 'group' ? `${row.label} (${row.count})` : row.label);
};

const rowsOf = (tree: NameTree): string[] => tree.rows.value.map(shown);

/** Loads what stands for more, as a list does that shows all rows, until all is there. */
const loadAll = async (tree: NameTree): Promise<void> => {
  for (;;) {
    const more = tree.rows.value.find((row) => row.kind === 'more');
    if (more === undefined) return;
    await tree.more(more.parent);
  }
};

const toggle = (tree: NameTree, label: string): void => {
  const row = tree.rows.value.find((each) => each.kind === 'group' && each.label === label);
  if (row?.kind !== 'group') throw new Error(`There is no group ${label}.`);
  tree.toggle(row);
};

describe('NameTree', () => {
  it('loads a level in parts, as far as somebody looks', async () => {
    const cache = new FakeCache('a', 'b', 'c', 'Kitchen::Heater', 'Kitchen::Light');
    const tree = new NameTree(cache.load);
    expect(rowsOf(tree)).toEqual(['…']);
    expect(cache.asked).toEqual([]);
    await loadAll(tree);
    expect(rowsOf(tree)).toEqual(['Kitchen (2)', 'a', 'b', 'c']);
    expect(cache.asked).toEqual(['', '+2']);
  });

  it('opens and closes groups, and asks once only', async () => {
    const cache = new FakeCache('Kitchen::Heater', 'Kitchen::Light', 'z');
    const tree = new NameTree(cache.load);
    await loadAll(tree);
    toggle(tree, 'Kitchen');
    await loadAll(tree);
    expect(rowsOf(tree)).toEqual(['Kitchen (2)', '  Heater', '  Light', 'z']);
    toggle(tree, 'Kitchen');
    expect(rowsOf(tree)).toEqual(['Kitchen (2)', 'z']);
    toggle(tree, 'Kitchen');
    expect(rowsOf(tree)).toEqual(['Kitchen (2)', '  Heater', '  Light', 'z']);
    expect(cache.asked).toEqual(['', 'Kitchen::']);
  });

  it('asks for a part once, however often it is told to', async () => {
    const cache = new FakeCache('a');
    const tree = new NameTree(cache.load);
    const [row] = tree.rows.value;
    if (row === undefined) throw new Error('There is no row.');
    await Promise.all([tree.more(row.parent), tree.more(row.parent)]);
    await tree.more(row.parent);
    expect(rowsOf(tree)).toEqual(['a']);
  });

  it('shows why a part could not be loaded, and loads it when it is asked again', async () => {
    const cache = new FakeCache('a', 'b', 'c');
    const tree = new NameTree(cache.load);
    const [row] = tree.rows.value;
    if (row === undefined) throw new Error('There is no row.');
    await tree.more(row.parent);
    cache.failure = new Error('Away.');
    await tree.more(row.parent);
    expect(rowsOf(tree)).toEqual(['a', 'b', '…Away.']);
    cache.failure = undefined;
    await tree.more(row.parent);
    expect(rowsOf(tree)).toEqual(['a', 'b', 'c']);
  });

  it('opens the groups of a name', async () => {
    const tree = new NameTree(new FakeCache('House::Kitchen::Light', 'a').load);
    const [row] = tree.rows.value;
    // As a list does that shows the row, before or after somebody follows a link.
    if (row !== undefined) void tree.more(row.parent);
    await tree.reveal('House::Kitchen::Light');
    await loadAll(tree);
    expect(rowsOf(tree)).toEqual(['House (1)', '  Kitchen (1)', '    Light', 'a']);
  });

  it('opens what there is of a name that is not there', async () => {
    const tree = new NameTree(new FakeCache('House::Kitchen', 'a').load);
    await tree.reveal('House::Cellar::Light');
    await loadAll(tree);
    expect(rowsOf(tree)).toEqual(['House (1)', '  Kitchen', 'a']);
  });

  it('is loaded anew with what was open, and as much as there was', async () => {
    const cache = new FakeCache('A::x', 'B::x', 'C::x', 'D::x');
    const tree = new NameTree(cache.load);
    await loadAll(tree);
    toggle(tree, 'B');
    toggle(tree, 'C');
    await loadAll(tree);
    toggle(tree, 'C');
    cache.names = ['A::x', 'B::x', 'B::y', 'C::y', 'D::x'];
    cache.asked = [];
    await tree.refresh();
    expect(rowsOf(tree)).toEqual(['A (1)', 'B (2)', '  x', '  y', 'C (1)', 'D (1)']);
    toggle(tree, 'C');
    await loadAll(tree);
    expect(rowsOf(tree)).toContain('  y');
    expect(cache.asked).toEqual(['', '+2', 'B::', 'C::']);
  });

  it('keeps what is shown when it cannot be loaded anew', async () => {
    const cache = new FakeCache('a', 'b');
    const tree = new NameTree(cache.load);
    await loadAll(tree);
    cache.failure = new Error('Away.');
    await expect(tree.refresh()).rejects.toThrow('Away.');
    expect(rowsOf(tree)).toEqual(['a', 'b']);
  });

  it('asks again, when it is loaded anew, for what could not be loaded at all', async () => {
    const cache = new FakeCache('a');
    cache.failure = new Error('Away.');
    const tree = new NameTree(cache.load);
    const [row] = tree.rows.value;
    if (row === undefined) throw new Error('There is no row.');
    await tree.more(row.parent);
    cache.failure = undefined;
    await tree.refresh();
    expect(row.parent.state).toBe('new');
    await loadAll(tree);
    expect(rowsOf(tree)).toEqual(['a']);
  });
});
