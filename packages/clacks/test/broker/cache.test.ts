import { describe, expect, it } from 'vitest';
import { newCache, TestNode } from './support.ts';

const times = { deletedCacheTimeMs: 1000, staleCacheTimeMs: 5000 };

describe('cleaning the cache', () => {
  it('forgets tombstones and values that nobody used, and tells the monitors', () => {
    const node = new TestNode({ ...times, cacheCleanIntervalMs: 10_000 });
    const monitor = node.login();
    node.login().say('STORE stale=1', 'STORE used=2', 'STORE gone=3', 'REMOVE gone', 'NOPING');
    monitor.say('MONITOR');
    node.pass(9_000);
    const reader = node.login().say('RETRIEVE used');
    monitor.take();
    node.pass(1_000);
    expect(monitor.take().sort()).toEqual([
      'DEBUG SERVERCACHE=CLEANDELETED=gone',
      'DEBUG SERVERCACHE=CLEANSTALE=stale',
    ]);
    expect(reader.say('RETRIEVE stale', 'RETRIEVE used').take().slice(1)).toEqual([
      'NOTRETRIEVED stale',
      'RETRIEVED used=2',
    ]);
  });

  it('never forgets unused values when their time is 0', () => {
    const cache = newCache({ staleCacheTimeMs: 0 });
    cache.store('x', '1', 0);
    expect(cache.clean(1e15, 100, () => undefined)).toBe(true);
    expect(cache.retrieve('x', 0)).toBe('1');
  });

  it('looks at a large cache in parts, and reaches every entry while others come and go', () => {
    const cache = newCache(times);
    for (let index = 0; index < 1000; index++) cache.store(`old::${index}`, 'x', 0);
    let calls = 1;
    const forgotten = new Set<string>();
    while (!cache.clean(10_000_000, 100, (name) => forgotten.add(name))) {
      cache.store(`new::${calls}`, 'x', 10_000_000);
      cache.remove(`old::${calls}`, 10_000_000);
      calls++;
    }
    expect(calls).toBeGreaterThan(5);
    expect(cache.keys().filter((name) => name.startsWith('old'))).toEqual([]);
    expect(cache.keys().length).toBe(calls - 1);
  });
});

describe('the cache', () => {
  it('counts from 0 again after a value was removed', () => {
    const cache = newCache(times);
    cache.increment('n', '5', 0);
    cache.remove('n', 0);
    cache.increment('n', '2', 0);
    expect(cache.retrieve('n', 0)).toBe('2');
  });

  it('sums up integers exactly, up to 64 bits, whether it has had a link or not', () => {
    for (const countsFractions of [false, true]) {
      const cache = newCache();
      cache.countsFractions = countsFractions;
      cache.increment('n', '9007199254740993', 0);
      cache.increment('n', '1', 0);
      expect(cache.retrieve('n', 0)).toBe('9007199254740994');
      cache.store('m', '9007199254740993', 0);
      cache.increment('m', '9007199254740993', 0);
      expect(cache.retrieve('m', 0)).toBe('18014398509481986');
    }
  });

  it('begins anew with a counter that too many nodes have counted on', () => {
    let cache = newCache({}, 'n0');
    for (let run = 0; run < 300; run++) {
      const next = newCache({}, `n${run}`);
      for (const entry of cache.entries()) next.merge(entry);
      next.increment('n', '2', run);
      cache = next;
    }
    expect(cache.retrieve('n', 0)).toBe('600');
    expect(cache.entry('n')?.counter?.parts.length).toBe(300 - 256);
  });

  it('keeps names such as __proto__ and constructor like any other', () => {
    const node = new TestNode();
    const client = node.login();
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      client.say(`RETRIEVE ${name}`, `STORE ${name}=1`, `INCREMENT ${name}`, `RETRIEVE ${name}`);
      expect(client.take()).toEqual([`NOTRETRIEVED ${name}`, `RETRIEVED ${name}=2`]);
      client.say(`LISTEN ${name}`, `UNLISTEN ${name}`, name, `OVERHEAD ${name} x`);
      expect(client.take()).toEqual([`OVERHEAD E unknown_command ${name}`]);
    }
  });
});

describe('a cache whose clock is another one from now on', () => {
  it('has all its times moved by that much', () => {
    const cache = newCache();
    cache.store('x', '1', 1_000_000);
    cache.shift(5000);
    expect(cache.entry('x')?.cacheTimeUs).toBe(1_000_000 - cache.originUs + 5_000_000);
    cache.store('x', '2', 2_000_000);
    // It comes after what was written before, which is in its future.
    expect(cache.entry('x')?.cacheTimeUs).toBe(6_000_001 - cache.originUs);
  });
});

describe('a cache that was emptied up to a time', () => {
  it('has nothing older any more, and what is newer', () => {
    const cache = newCache();
    cache.store('old', '1', 1_000_000);
    cache.increment('old::counter', '1', 1_000_000);
    cache.store('new', '2', 3_000_000);
    cache.clearUpTo({ timeUs: 2_000_000, stampUs: 2_000_000 });
    expect(cache.keys()).toEqual(['new']);
    expect(cache.retrieve('old', 4_000_000)).toBeUndefined();
    cache.increment('old', undefined, 4_000_000);
    cache.increment('old::counter', undefined, 4_000_000);
    expect(cache.keys().map((name) => cache.retrieve(name, 4_000_000))).toEqual(['2', '1', '1']);
    expect(cache.clean(4_000_000, 100, () => undefined)).toBe(true);
    expect(cache.size).toBe(3);
  });

  it('cleans up what is older without a word', () => {
    const cache = newCache();
    cache.store('old', '1', 1_000_000);
    cache.store('new', '2', 3_000_000);
    cache.clearUpTo({ timeUs: 2_000_000, stampUs: 2_000_000 });
    const forgotten: string[] = [];
    cache.clean(4_000_000, 100, (name) => forgotten.push(name));
    expect([cache.size, forgotten]).toEqual([1, []]);
  });
});

describe('a cache that may hold so much', () => {
  it('forgets what was used longest ago', () => {
    const cache = newCache({ maxCacheEntries: 3 });
    for (const name of ['a', 'b', 'c']) cache.store(name, '1', 0);
    cache.retrieve('a', 0);
    cache.store('b', '2', 0);
    cache.store('d', '1', 0);
    expect(cache.keys()).toEqual(['a', 'b', 'd']);
    cache.remove('a', 0);
    cache.store('e', '1', 0);
    cache.store('f', '1', 0);
    expect(cache.keys()).toEqual(['e', 'f']);
    expect([cache.size, cache.evicted]).toEqual([3, 3]);
  });

  it('forgets so much that the rest fits, in bytes', () => {
    const cache = newCache({ maxCacheBytes: 3000 });
    for (let index = 0; index < 100; index++) cache.store(`k${index}`, 'x'.repeat(100), 0);
    expect(cache.bytes).toBeLessThanOrEqual(3000);
    expect(cache.keys()).toContain('k99');
    expect(cache.size).toBeGreaterThan(5);
    cache.store('k99', 'x'.repeat(2500), 0);
    expect(cache.keys()).toEqual(['k99']);
  });

  it('does not take an endless time for it, however often entries are used', () => {
    const cache = newCache({ maxCacheEntries: 1000 });
    for (let index = 0; index < 100_000; index++) {
      cache.store(`k${index}`, 'x', 0);
      cache.retrieve(`k${index - 500}`, 0);
      cache.retrieve('k0', 0);
    }
    expect(cache.size).toBe(1000);
    expect(cache.retrieve('k0', 0)).toBe('x');
  });
});
