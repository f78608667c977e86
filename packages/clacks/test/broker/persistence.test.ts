import { describe, expect, it } from 'vitest';
import { TestNode } from './support.ts';
import { TestStore } from './test-store.ts';

const newNode = (options: ConstructorParameters<typeof TestNode>[0] = {}) => {
  const store = new TestStore();
  const node = new TestNode({ store, persistenceIntervalMs: 10_000, ...options });
  const client = node.login();
  return {
    store,
    node,
    client,
    finish: () => {
      store.finish();
      node.broker.keeper.saved();
    },
    fail: (reason: string) => {
      store.fail();
      node.broker.keeper.saved(reason);
    },
  };
};

describe('FLUSH', () => {
  it('is answered when everything that the client wrote before is kept', () => {
    const { store, client, finish } = newNode();
    client.say('STORE a=1', 'INCREMENT n', 'FLUSH 1');
    expect(client.take()).toEqual([]);
    finish();
    expect(client.take()).toEqual(['FLUSHED 1']);
    expect([...store.kept]).toEqual([
      ['a', '1'],
      ['n', '1'],
    ]);
  });

  it('is answered at once to who wrote nothing since, whatever others have written', () => {
    const { node, client, finish } = newNode();
    const reader = node.login();
    client.say('STORE a=1', 'FLUSH 1');
    expect(reader.say('RETRIEVE a', 'FLUSH 2').take()).toEqual(['RETRIEVED a=1', 'FLUSHED 2']);
    finish();
    expect(client.say('FLUSH 3').take()).toEqual(['FLUSHED 1', 'FLUSHED 3']);
  });

  it('holds back the lines after it, so that answers keep their order', () => {
    const { client, finish } = newNode();
    client.say('STORE a=1', 'FLUSH 1', 'RETRIEVE a', 'STORE a=2', 'FLUSH 2', 'RETRIEVE a');
    finish();
    expect(client.take()).toEqual(['FLUSHED 1', 'RETRIEVED a=1']);
    finish();
    expect(client.take()).toEqual(['FLUSHED 2', 'RETRIEVED a=2']);
  });

  it('waits for the batch after the one that is being written, if that is too early', () => {
    const { store, node, client, finish } = newNode();
    const other = node.login();
    client.say('STORE a=1', 'FLUSH 1');
    other.say('STORE a=2', 'STORE b=2', 'FLUSH 2');
    finish();
    expect([client.take(), other.take(), store.kept.get('a')]).toEqual([['FLUSHED 1'], [], '1']);
    finish();
    expect([other.take(), store.kept.get('a')]).toEqual([['FLUSHED 2'], '2']);
  });

  it('keeps nobody from being timed out who is not heard because of it', () => {
    const { node, client, finish } = newNode();
    client.say('STORE a=1', 'FLUSH 1');
    node.pass(200_000);
    expect(client.closedBecause).toBeUndefined();
    finish();
    node.pass(200_000);
    expect(client.closedBecause).toBe('ping_timeout');
  });

  it('of a client that has gone meanwhile answers nobody', () => {
    const { client, finish } = newNode();
    client.say('STORE a=1', 'FLUSH 1');
    client.vanish();
    finish();
    expect(client.take()).toEqual([]);
  });
});

describe('each command that writes', () => {
  it.each(['STORE x=1', 'SETANDSTORE x=1', 'INCREMENT x', 'DECREMENT x', 'REMOVE x', 'CLEARCACHE'])(
    '%s is waited for by the FLUSH after it',
    (line) => {
      const { client, finish } = newNode();
      client.say(line, 'FLUSH 1');
      expect(client.take()).toEqual([]);
      finish();
      expect(client.take()).toEqual(['FLUSHED 1']);
    },
  );
});

describe('changes that nobody waits for', () => {
  it('are kept after some time, each name once', () => {
    const { store, node, client, finish } = newNode();
    client.say('STORE a=1', 'STORE a=2', 'REMOVE b', 'STORE a=3');
    node.pass(9_900);
    expect(store.batches).toBe(0);
    node.pass(200);
    finish();
    expect([...store.kept]).toEqual([
      ['a', '3'],
      ['b', undefined],
    ]);
    node.pass(60_000);
    expect(store.batches).toBe(1);
  });

  it('are kept before their time if there are many', () => {
    const { store, node, client } = newNode();
    for (let index = 0; index < 300_000; index++) client.say(`STORE k${index}=1`);
    node.pass(0);
    expect(store.isSaving).toBe(true);
  });

  it('are kept in several batches, the first ones first', () => {
    const { store, node, client, finish } = newNode();
    for (let index = 0; index < 150_000; index++) client.say(`STORE k${index}=1`);
    client.say('FLUSH 1');
    while (store.isSaving) finish();
    expect([store.batches, store.kept.size, client.take()]).toEqual([3, 150_000, ['FLUSHED 1']]);
    node.pass(60_000);
    expect(store.batches).toBe(3);
  });

  it('tell of what is gone, and of what came after', () => {
    const { store, node, client, finish } = newNode({ deletedCacheTimeMs: 1000 });
    client.say('STORE a=1', 'STORE gone=1', 'REMOVE gone', 'FLUSH 1');
    finish();
    expect(store.kept.has('gone')).toBe(true);
    node.pass(60_000);
    client.say('STORE c=1', 'FLUSH 2');
    finish();
    expect([...store.kept.keys()]).toEqual(['a', 'c']);
    client.say('CLEARCACHE', 'STORE d=1', 'FLUSH 3');
    finish();
    expect([...store.kept.keys()]).toEqual(['d']);
    expect(store.context?.cleared.timeUs).toBeGreaterThan(0);
  });

  it('say once an hour that a value is still read', () => {
    const { store, node, client, finish } = newNode();
    client.say('NOPING', 'STORE a=1', 'FLUSH 1');
    finish();
    for (let minute = 0; minute < 120; minute++) {
      node.pass(60_000);
      client.say('RETRIEVE a');
      if (store.isSaving) finish();
    }
    expect(store.batches).toBeGreaterThanOrEqual(2);
    expect(store.batches).toBeLessThanOrEqual(3);
  });
});

describe('a store that cannot be written', () => {
  it('makes FLUSH say so, and is tried again until it can', () => {
    const { store, node, client, fail, finish } = newNode();
    client.say('STORE a=1', 'FLUSH 1', 'RETRIEVE a');
    fail('disk full');
    expect(client.take()).toEqual(['OVERHEAD E not_flushed 1 (disk full)', 'RETRIEVED a=1']);
    client.say('STORE b=2', 'FLUSH 2');
    expect(client.take()).toEqual(['OVERHEAD E not_flushed 2 (disk full)']);
    expect(store.isSaving).toBe(false);
    node.pass(1_100);
    expect(store.isSaving).toBe(true);
    fail('disk full');
    node.pass(1_100);
    finish();
    finish();
    expect([...store.kept.keys()]).toEqual(['a', 'b']);
    expect(client.say('FLUSH 3').take()).toEqual(['FLUSHED 3']);
    expect(node.events).toEqual(['failed: disk full', 'recovered']);
  });

  it('has recovered when what waited is kept, also if more comes all the time', () => {
    const { store, node, client, fail, finish } = newNode();
    const busy = node.login();
    client.say('STORE a=1', 'FLUSH 1');
    fail('disk full');
    node.pass(1_100);
    expect(store.isSaving).toBe(true);
    busy.say('STORE b=1');
    finish();
    expect(node.events).toEqual(['failed: disk full', 'recovered']);
    // What came meanwhile is due later; nothing is to be done until then.
    expect(node.broker.nextTickMs).toBeGreaterThan(node.nowMs + 1_000);
    client.take();
    client.say('STORE c=1', 'FLUSH 2');
    busy.say('STORE d=1');
    finish();
    expect(client.take()).toEqual(['FLUSHED 2']);
  });

  it('is no burden on a busy node, once it can be written', () => {
    const { node, client, fail, finish } = newNode();
    client.say('STORE a=1', 'FLUSH 1');
    fail('disk full');
    node.pass(1_100);
    client.say('STORE b=2');
    finish();
    expect(node.broker.keeper.nextTickMs).toBeGreaterThan(node.nowMs);
    client.take();
    client.say('STORE c=2', 'FLUSH 2');
    while (client.take().length === 0) finish();
  });

  it('does not have to remember more than there is', () => {
    const { store, node, client, fail, finish } = newNode({ maxCacheEntries: 1000 });
    client.say('STORE first=1', 'FLUSH 1');
    fail('disk full');
    for (let index = 0; index < 600_000; index++) client.say(`STORE k${index}=1`);
    node.pass(1_100);
    while (store.isSaving) finish();
    expect(store.kept.size).toBe(1000);
    expect([...store.kept.keys()].sort()).toEqual(node.broker.cache.keys());
  });

  it('never has less than was kept while it is told all anew', () => {
    const { store, node, client, fail, finish } = newNode({ maxCacheEntries: 100_000 });
    const { cache } = node.broker;
    const keptNames = Array.from({ length: 70_000 }, (_, index) => `k${index}`);
    for (const name of keptNames) client.say(`STORE ${name}=1`);
    client.say('FLUSH 1');
    while (store.isSaving) finish();
    client.say('STORE last=1', 'FLUSH 2');
    fail('disk full');
    for (let index = 0; index < 500_000; index++) {
      cache.store(`n${index}`, '1', 0);
      // They are used all the time: others are forgotten.
      for (let use = 3 * index; use < 3 * index + 3; use++) cache.retrieve(`k${use % 70_000}`, 0);
    }
    node.pass(1_100);
    finish();
    expect(keptNames.filter((name) => !store.kept.has(name))).toEqual([]);
  });

  it('keeps what it counts as kept when all is forgotten meanwhile', () => {
    const { store, node, client, finish } = newNode();
    client.say('STORE a=1', 'FLUSH 1');
    const other = node.login().say('STORE b=1');
    node.login().say('CLEARCACHE');
    other.say('FLUSH 2');
    finish();
    // What b was is nowhere yet, and neither is that it is gone.
    expect([client.take(), other.take(), store.isSaving]).toEqual([['FLUSHED 1'], [], true]);
    finish();
    expect([other.take(), [...store.kept]]).toEqual([['FLUSHED 2'], []]);
  });

  it('is told of in one line, whatever the system says', () => {
    const { client, fail } = newNode();
    client.say('STORE a=1', 'FLUSH 1');
    fail('no\nroom \u20ac');
    expect(client.take()).toEqual(['OVERHEAD E not_flushed 1 (no room \u00e2\u0082\u00ac)']);
  });

  it('is told the latest, once it can be written', () => {
    const { store, node, client, fail, finish } = newNode();
    client.say('STORE a=1', 'STORE b=1', 'FLUSH 1');
    client.vanish();
    fail('disk full');
    node.login().say('STORE a=2', 'CLEARCACHE', 'STORE c=3');
    node.pass(1_100);
    while (store.isSaving) finish();
    expect([...store.kept]).toEqual([['c', '3']]);
  });

  it('that fails while everything is forgotten brings nothing back', () => {
    const { store, node, client, fail, finish } = newNode();
    client.say('STORE a=1', 'FLUSH 1');
    node.login().say('CLEARCACHE');
    fail('disk full');
    node.pass(1_100);
    while (store.isSaving) finish();
    expect([...store.kept]).toEqual([]);
  });
});

describe('the cache of a node that starts again', () => {
  it('is as it was kept', () => {
    const first = newNode();
    first.client.say('STORE a=1', 'INCREMENT n=2', 'REMOVE gone', 'CLEARCACHE', 'STORE b=2');
    first.client.say('INCREMENT n=5', 'REMOVE gone');
    const { context } = (first.client.say('FLUSH 1'), first.store);
    first.finish();
    const second = newNode();
    const { cache } = second.node.broker;
    for (const entry of first.node.broker.cache.entries()) cache.restore(entry);
    second.node.broker.restored(context, undefined);
    second.client.say('RETRIEVE a', 'RETRIEVE b', 'RETRIEVE n', 'RETRIEVE gone', 'KEYLIST');
    expect(second.client.take()).toEqual([
      'NOTRETRIEVED a',
      'RETRIEVED b=2',
      'RETRIEVED n=5',
      'NOTRETRIEVED gone',
      'KEYLISTSTART',
      'KEY b',
      'KEY n',
      'KEYLISTEND',
    ]);
    expect(cache.context).toEqual(first.node.broker.cache.context);
    second.node.pass(60_000);
    expect(second.store.batches).toBe(0);
  });

  it('goes on to keep steps with fractions apart by node, if it has done so before', () => {
    const first = newNode();
    first.node.broker.cache.countsFractions = true;
    first.client.say('INCREMENT n=0.5');
    const second = newNode({ nodeId: 'second' });
    const { cache } = second.node.broker;
    for (const entry of first.node.broker.cache.entries()) cache.restore(entry);
    second.node.broker.restored(undefined, undefined);
    second.client.say('INCREMENT n', 'RETRIEVE n');
    expect(second.client.take()).toEqual(['RETRIEVED n=1.5']);
    expect(cache.entry('n')?.counter?.parts).toEqual([
      { nodeId: 'node', steps: 1, sum: 0.5 },
      { nodeId: 'second', steps: 1, sum: 1 },
    ]);
  });
});
