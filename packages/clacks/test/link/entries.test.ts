import { parseCommand } from '@clacks/protocol';
import type { KeysyncCommand } from '@clacks/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cache } from '../../src/broker/cache.ts';
import type { CacheEntry } from '../../src/broker/entry.ts';
import { formatEntry, parseEntry } from '../../src/link/entry-codec.ts';
import { newCache } from '../broker/support.ts';

/** What a node does with a name, at a time that may be anybody's. */
type Write = readonly [kind: 'store' | 'remove' | 'count', nowUs: number, argument: number];

const write: fc.Arbitrary<Write> = fc.tuple(
  fc.constantFrom('store' as const, 'remove' as const, 'count' as const),
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: -3, max: 3 }),
);

/** The entry of a node that has done so, after having taken over another's. */
const written = (nodeId: string, writes: readonly Write[], before?: CacheEntry): Cache => {
  const cache = newCache({}, nodeId);
  if (before !== undefined) cache.merge(copyOf(before));
  for (const [kind, nowUs, argument] of writes) {
    if (kind === 'store') cache.store('x', `${argument}`, nowUs);
    else if (kind === 'remove') cache.remove('x', nowUs);
    else cache.increment('x', `${argument}`, nowUs);
  }
  return cache;
};

/** What arrives when an entry is sent. */
const copyOf = (entry: CacheEntry): CacheEntry => {
  const command = parseCommand(formatEntry(entry, 0, true)) as KeysyncCommand;
  const copy = parseEntry(command, 0, 0, true);
  if (copy === undefined) throw new Error('the copy is malformed');
  return copy;
};

const mergedInto = (cache: Cache, others: readonly Cache[]): Cache => {
  for (const other of others) {
    const entry = other.entry('x');
    if (entry !== undefined) cache.merge(copyOf(entry));
  }
  return cache;
};

const contentOf = (cache: Cache) => {
  const { value, counter } = cache.entry('x') ?? {};
  return { value, parts: counter?.parts ?? [] };
};

describe('entries of several nodes', () => {
  it('become the same in whatever order they are put together', () => {
    const writes = fc.array(write, { maxLength: 4 });
    fc.assert(
      fc.property(writes, writes, writes, writes, (common, ...own) => {
        const before = written('common', common).entry('x');
        const nodes = () =>
          ['a', 'b', 'c'].map((id, index) => written(id, own[index] ?? [], before));
        const [a, b, c] = nodes() as [Cache, Cache, Cache];
        const forwards = contentOf(mergedInto(a, [b, c]));
        const [d, e, f] = nodes() as [Cache, Cache, Cache];
        const backwards = contentOf(mergedInto(f, [e, d]));
        expect(forwards).toEqual(backwards);
        // Hearing the same again changes nothing.
        expect(contentOf(mergedInto(a, [b, c, d, e, f]))).toEqual(forwards);
      }),
      { numRuns: 2000 },
    );
  });

  it('keep all steps that were made on the same value', () => {
    const before = written('common', [['store', 1, 5]]).entry('x');
    const left = written('left', [['count', 2, 3]], before);
    const right = written(
      'right',
      [
        ['count', 1, -1],
        ['count', 9, -1],
      ],
      before,
    );
    expect(contentOf(mergedInto(left, [right])).value).toBe('6');
    expect(contentOf(mergedInto(right, [left])).value).toBe('6');
  });
});

describe('the line of an entry', () => {
  it.each([
    'KEYSYNC 1 1 C x=',
    'KEYSYNC 1 1 C x=1 U  5',
    'KEYSYNC 1 1 C x=1 X a:1:1 5',
    'KEYSYNC 1 1 C x=-1 U a:1:1 5',
    'KEYSYNC 1 1 C x=1 U a:1 5',
    'KEYSYNC 1 1 C x=1 U a:-1:1 5',
    'KEYSYNC 1 1 C x=1 U a:1:e 5',
    'KEYSYNC 1 1 C x=1 U b:1:1,a:1:1 5',
    'KEYSYNC 1 1 C x=1 U a:1:1,a:2:2 5',
    'KEYSYNC 99999999999 1 U x=1',
  ])('is refused if it is malformed: %s', (line) => {
    expect(parseEntry(parseCommand(line) as KeysyncCommand, 0, 0, true)).toBeUndefined();
  });

  it('is that of a plain value where counters are not known', () => {
    const cache = written('a', [
      ['store', 1_500_000, 5],
      ['count', 2_500_001, 1],
    ]);
    const entry = cache.entry('x');
    expect(entry && formatEntry(entry, 0, false)).toBe('KEYSYNC 2.500001 2.500001 U x=6');
    expect(entry && formatEntry(entry, 0, true)).toBe(
      'KEYSYNC 2.500001 2.500001 C x=1.5 U a:1:1 5',
    );
  });
});
