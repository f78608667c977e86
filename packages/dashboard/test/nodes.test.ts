import type { ApiLink, ApiNodes } from 'clacks/admin-api';
import { describe, expect, it } from 'vitest';
import { boxHeight, layoutOf } from '../src/views/nodes/layout.ts';
import { offsetText, summaryOf } from '../src/views/nodes/link-text.ts';
import { noSlaves, rememberSlaves } from '../src/views/nodes/lost-slaves.ts';
import { nodesOf, treeOf } from '../src/views/nodes/tree.ts';

const slave = (connectionId: string, nodeId = connectionId, address = '192.0.2.1'): ApiLink => ({
  direction: 'slave',
  connectionId,
  nodeId,
  address,
  name: 'a node',
  state: 'live',
});
const master: ApiLink = { ...slave('up', 'above-it'), direction: 'master' };
const nodes = (links: readonly ApiLink[], more: Partial<ApiNodes> = {}): ApiNodes => ({
  self: { name: 'House', version: '1', nodeId: 'own', role: 'root' },
  above: [],
  links,
  ...more,
});

describe('slaves that are gone', () => {
  it('are remembered until they are back under their id', () => {
    const before = rememberSlaves(noSlaves, nodes([slave('1', 'a'), slave('2', 'b')]), 1);
    const gone = rememberSlaves(before, nodes([slave('2', 'b')]), 5);
    expect(gone.lost).toEqual([{ link: slave('1', 'a'), lostAtMs: 5 }]);
    expect(rememberSlaves(gone, nodes([slave('2', 'b'), slave('3', 'a')]), 6).lost).toEqual([]);
  });

  it('are back if one of another id comes from the same address, one for one', () => {
    const before = rememberSlaves(noSlaves, nodes([slave('1', 'a'), slave('2', 'b')]), 1);
    const gone = rememberSlaves(before, nodes([]), 5);
    const other = rememberSlaves(gone, nodes([slave('3', 'c', '192.0.2.9')]), 6);
    expect(other.lost.length).toBe(2);
    const back = rememberSlaves(other, nodes([slave('4', 'd')]), 7);
    expect(back.lost.map(({ link }) => link.nodeId)).toEqual(['b', 'c']);
  });

  it('are forgotten after ten minutes', () => {
    const before = rememberSlaves(noSlaves, nodes([slave('1')]), 0);
    const gone = rememberSlaves(before, nodes([]), 0);
    expect(rememberSlaves(gone, nodes([]), 599_999).lost.length).toBe(1);
    expect(rememberSlaves(gone, nodes([]), 600_000).lost).toEqual([]);
  });
});

describe('the tree of nodes', () => {
  it('names the master once, and all others', () => {
    const tree = treeOf(
      nodes([master, slave('1')], {
        above: ['root', 'above-it'],
        master: { address: 'there:1', isLinked: true },
      }),
      [{ link: slave('2'), lostAtMs: 3 }],
    );
    expect(nodesOf(tree).map(({ title, link }) => [title, link?.state])).toEqual([
      ['root', undefined],
      ['above-it', 'live'],
      ['House', undefined],
      ['1', 'live'],
      ['2', 'broken'],
    ]);
    expect(summaryOf(tree)).toBe(
      'The link to the master is live. 1 node above the master. 1 slave, 1 of them live. ' +
        'The link to one more is broken.',
    );
  });

  it('has names in which every character can be seen', () => {
    const tree = treeOf(nodes([slave('1', '\u202Eedon')], { above: ['\u200broot'] }), []);
    expect(nodesOf(tree).map(({ title }) => title)).toEqual(['⟨200B⟩root', 'House', '⟨202E⟩edon']);
  });

  it('shows a master that is not linked', () => {
    const tree = treeOf(nodes([], { master: { address: 'there:1', isLinked: false } }), []);
    expect(tree.master).toMatchObject({ where: 'there:1', link: { state: 'broken' } });
    expect(summaryOf(tree)).toBe('The link to the master is broken. 0 slaves, 0 of them live.');
  });

  it.each([
    [0, 300],
    [1, 300],
    [3, 1000],
    [25, 1000],
    [25, 300],
  ])('draws %i slaves within %i pixels, no two at one place', (count, width) => {
    const slaves = Array.from({ length: count }, (_, index) => slave(`${index}`));
    const layout = layoutOf(treeOf(nodes([master, ...slaves]), []), width);
    expect(layout.boxes.length).toBe(count + 2);
    layout.boxes.forEach((box, index) => {
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + layout.boxWidth).toBeLessThanOrEqual(width);
      expect(box.y + boxHeight).toBeLessThanOrEqual(layout.height);
      for (const other of layout.boxes.slice(index + 1)) {
        const isBeside = Math.abs(box.x - other.x) >= layout.boxWidth;
        expect(isBeside || Math.abs(box.y - other.y) >= boxHeight).toBe(true);
      }
    });
  });

  it('tells offsets of clocks with their sign', () => {
    const texts = [undefined, 0, 0.01, 5, -90_000].map((clockOffsetMs) =>
      offsetText({ state: 'live', clockOffsetMs }),
    );
    expect(texts).toEqual(['–', '0 ms', '0 ms', '+5 ms', '−1 min 30 s']);
  });
});
