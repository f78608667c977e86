import { describe, expect, it } from 'vitest';
import { Cache } from '../../src/broker/cache.ts';
import { LargeMap } from '../../src/broker/large-map.ts';
import { TestNode } from './support.ts';

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
    const cache = new Cache({ ...times, staleCacheTimeMs: 0 }, 'node');
    cache.store('x', '1', 0);
    expect(cache.clean(1e15, 100, () => undefined)).toBe(true);
    expect(cache.retrieve('x', 0)).toBe('1');
  });

  it('looks at a large cache in parts, and reaches every entry while others come and go', () => {
    const cache = new Cache(times, 'node');
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
    const cache = new Cache(times, 'node');
    cache.increment('n', '5', 0);
    cache.remove('n', 0);
    cache.increment('n', '2', 0);
    expect(cache.retrieve('n', 0)).toBe('2');
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

describe('a map beyond the limit of one Map', () => {
  it('behaves like one', () => {
    const map = new LargeMap<number>(3);
    const keys = Array.from({ length: 1000 }, (_, index) => `k${index}`);
    for (const [index, key] of keys.entries()) map.add(key, index);
    map.delete('k1');
    map.delete('k999');
    map.add('late', 11);
    map.add('', 12);
    expect(map.size).toBe(1000);
    expect(map.get('k1')).toBeUndefined();
    for (const index of [0, 2, 500, 998]) expect(map.get(`k${index}`)).toBe(index);
    const left = keys.filter((key) => !['k1', 'k999'].includes(key));
    expect([...map.entries()].map(([key]) => key).sort()).toEqual([...left, 'late', ''].sort());
    map.clear();
    expect(map.size).toBe(0);
  });
});
