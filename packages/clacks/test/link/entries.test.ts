import { parseCommand } from '@clacks/protocol';
import type { KeysyncCommand } from '@clacks/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cache } from '../../src/broker/cache.ts';
import type { CacheEntry } from '../../src/broker/entry.ts';
import {
  formatEntry,
  formatStamped,
  parseOurEntry,
  parseStamped,
} from '../../src/link/entry-codec.ts';
import { never } from '../../src/broker/stamp.ts';
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
  const command = parseCommand(formatEntry(entry, 0, { isOurs: true })) as KeysyncCommand;
  const copy = parseOurEntry(command, 0);
  if (copy === undefined) throw new Error('the copy is malformed');
  return copy.entry;
};

/** What a node tells, as another one reads it whose times count from the same. */
const told = (cache: Cache): CacheEntry[] =>
  [...cache.entries()].map((entry) => {
    const line = formatEntry(entry, cache.originUs, { isOurs: true });
    const copy = parseOurEntry(parseCommand(line) as KeysyncCommand, 0);
    if (copy === undefined) throw new Error(`malformed: ${line}`);
    return copy.entry;
  });

/** Takes what was told, by the clock of the tree. */
const taking = (cache: Cache, entries: readonly CacheEntry[]): Cache => {
  for (const entry of entries) {
    const line = formatEntry(entry, 0, { isOurs: true });
    const copy = parseOurEntry(parseCommand(line) as KeysyncCommand, cache.originUs);
    if (copy !== undefined) cache.merge(copy.entry);
  }
  return cache;
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

describe('entries whose times nodes have moved by what each has measured', () => {
  it('are the same still, with all steps', () => {
    const before = written('common', [['store', 1000, 5]]).entry('x');
    const left = written('left', [['count', 2000, 3]], before);
    const right = written('right', [['count', 2000, 1]], before);
    left.shift(3_600_000);
    right.shift(3_600_017);
    const fromLeft = told(left);
    const fromRight = told(right);
    expect(contentOf(taking(left, fromRight)).value).toBe('9');
    expect(contentOf(taking(right, fromLeft)).value).toBe('9');
    // Once more: both have now what the other one had.
    expect(taking(left, told(right)).entry('x')?.cacheTimeUs).toBe(
      (taking(right, told(left)).entry('x')?.cacheTimeUs ?? 0) + 17_000,
    );
  });

  it('are not taken for older than the emptying of the cache that they come after', () => {
    const left = newCache({}, 'left');
    left.clear(1000);
    const right = newCache({}, 'right');
    right.clearUpTo(left.cleared);
    left.increment('x', '7', 2000);
    left.shift(50);
    right.shift(90);
    const cleared = formatStamped(right.cleared, right.originUs);
    left.clearUpTo(parseStamped(cleared, left.originUs) ?? never);
    expect(left.retrieve('x', 3000)).toBe('7');
    expect(taking(right, told(left)).retrieve('x', 3000)).toBe('7');
  });
});

describe('what the emptying of the cache has hidden', () => {
  it('stays so when another node knows of an earlier time of it', () => {
    const cache = newCache({}, 'node');
    cache.store('older', '1', 1000);
    cache.store('newer', '1', 5000);
    cache.clearUpTo({ timeUs: 3000, stampUs: 700 });
    cache.clearUpTo({ timeUs: 700, stampUs: 700 });
    expect(cache.keys()).toEqual(['newer']);
  });
});

describe('a counter that one node has forgotten', () => {
  it('has all steps when it hears of it again', () => {
    const times = { staleCacheTimeMs: 1 };
    const forgetful = newCache(times, 'forgetful');
    const other = newCache({}, 'other');
    forgetful.increment('x', '1000', 0);
    taking(other, told(forgetful));
    forgetful.clean(5_000_000, 10, () => undefined);
    forgetful.increment('x', '5', 5_000_000);
    expect(taking(other, told(forgetful)).retrieve('x', 0)).toBe('1005');
    expect(taking(forgetful, told(other)).retrieve('x', 0)).toBe('1005');
  });

  it('loses no step that the node makes after it was started anew', () => {
    const times = { staleCacheTimeMs: 1000 };
    const first = newCache(times, 'node');
    const other = newCache();
    first.increment('x', '1000', 0);
    taking(other, told(first));
    first.clean(5_000_000, 10, () => undefined);
    const second = newCache(times, 'fresh');
    second.restored(first.context, first.lastingId);
    second.increment('x', '5', 5_000_000);
    expect(second.nodeId).toBe('node');
    expect(taking(other, told(second)).retrieve('x', 0)).toBe('1005');
  });

  it('begins anew on all nodes once its tombstone is due, whoever still has that', () => {
    const times = { deletedCacheTimeMs: 1000 };
    const [left, right] = [newCache(times, 'left'), newCache(times, 'right')];
    for (const cache of [left, right]) cache.remove('x', 0);
    left.clean(1_000_001, 10, () => undefined);
    left.increment('x', '3', 1_000_001);
    right.increment('x', '4', 1_000_002);
    const [fromLeft, fromRight] = [told(left), told(right)];
    expect(taking(left, fromRight).retrieve('x', 0)).toBe('7');
    expect(taking(right, fromLeft).retrieve('x', 0)).toBe('7');
  });
});

describe('the line of an entry', () => {
  it('tells its name, whatever that is', () => {
    const name = fc.string({
      minLength: 1,
      unit: fc.constantFrom('a', '=', '%', '3', 'D', '2', '5'),
    });
    fc.assert(
      fc.property(name, fc.boolean(), (each, isCounted) => {
        const cache = newCache();
        if (isCounted) cache.increment(each, undefined, 1);
        else cache.remove(each, 1);
        expect(told(cache).map((entry) => entry.name)).toEqual([each]);
      }),
    );
  });

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
    expect(parseOurEntry(parseCommand(line) as KeysyncCommand, 0)).toBeUndefined();
  });

  it('is that of a plain value where counters are not known', () => {
    const cache = written('a', [
      ['store', 1_500_000, 5],
      ['count', 2_500_001, 1],
    ]);
    const entry = cache.entry('x');
    expect(entry && formatEntry(entry, 0, { isOurs: false })).toBe(
      'KEYSYNC 2.500001 2.500001 U x=6',
    );
    expect(entry && formatEntry(entry, 0, { isOurs: true })).toBe(
      'KEYSYNC 2.500001 2.500001 C x=1.5 U a:1:1 5',
    );
  });
});
