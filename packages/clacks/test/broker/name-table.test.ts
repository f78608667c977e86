import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOfBytes, isNameAt, NameTable, seedOf } from '../../src/broker/name-table.ts';
import { namesInOnePlace } from './support.ts';

interface Thing {
  readonly name: string;
  readonly number: number;
}

const seed = 12345;

const lookUpBytes = (table: NameTable<Thing>, name: string): Thing | undefined => {
  const bytes = Buffer.from(`xy${name}z`, 'latin1');
  const thing = table.byHash(hashOfBytes(bytes, 2, bytes.length - 1, seed));
  return thing && isNameAt(thing.name, bytes, 2, bytes.length - 1) ? thing : undefined;
};

describe('a table of names', () => {
  it('behaves like a Map, by string and by bytes', () => {
    const name = fc.oneof(
      fc.constantFrom('', 'a', 'ab', 'abc', 'abcd', 'abcde', '\xff\xfe', 'Kitchen::Temperature'),
      fc.nat(2000).map((number) => `k${number}`),
    );
    const step = fc.record({ name, isAdded: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 500, size: 'max' }), (steps) => {
        const table = new NameTable<Thing>(seed);
        const model = new Map<string, Thing>();
        for (const [number, { name: each, isAdded }] of steps.entries()) {
          if (!isAdded || model.has(each)) {
            table.delete(each);
            model.delete(each);
          } else {
            const thing = { name: each, number };
            table.add(thing);
            model.set(each, thing);
          }
          expect(table.get(each)).toBe(model.get(each));
        }
        expect(table.size).toBe(model.size);
        for (const { name: each } of steps) {
          expect(table.get(each)).toBe(model.get(each));
          expect(lookUpBytes(table, each)).toBe(model.get(each));
        }
        expect(new Set(table.values())).toEqual(new Set(model.values()));
        expect([...table.values()]).toHaveLength(model.size);
      }),
    );
  });

  it('grows and shrinks', () => {
    const table = new NameTable<Thing>(seed);
    const things = Array.from({ length: 50_000 }, (_, number) => ({ name: `n${number}`, number }));
    for (const thing of things) table.add(thing);
    for (const thing of things) expect(table.get(thing.name)).toBe(thing);
    const [gone, kept] = [things.slice(100), things.slice(0, 100)];
    for (const { name } of gone) table.delete(name);
    for (const { name } of gone) expect(table.get(name)).toBeUndefined();
    for (const thing of kept) expect(lookUpBytes(table, thing.name)).toBe(thing);
    expect(table.size).toBe(100);
  });

  it('gives all that are there while others come and go, each once', () => {
    const table = new NameTable<Thing>(seed);
    const things = Array.from({ length: 2000 }, (_, number) => ({ name: `n${number}`, number }));
    for (const thing of things) table.add(thing);
    const [gone, kept] = [things.slice(0, 1000), things.slice(1000)];
    const seen: Thing[] = [];
    for (const thing of table.values()) {
      seen.push(thing);
      const next = gone.pop();
      if (next === undefined) continue;
      table.delete(next.name);
      expect(table.get(next.name)).toBeUndefined();
      table.add({ name: `late${next.number}`, number: next.number });
    }
    expect(seen.filter(({ name, number }) => name.startsWith('n') && number >= 1000)).toEqual(
      expect.arrayContaining(kept),
    );
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('finds names that were chosen to fall into one place', () => {
    const table = new NameTable<Thing>(seed);
    const things = namesInOnePlace(2000, seed).map((name, number) => ({ name, number }));
    for (const thing of things) table.add(thing);
    // Who looks for one does not walk past all of them.
    const found = things.filter(({ name }) => lookUpBytes(table, name) !== undefined);
    expect(found.length).toBeLessThan(300);
    for (const thing of things) expect(table.get(thing.name)).toBe(thing);
    expect(new Set(table.values())).toEqual(new Set(things));
    for (const { name } of things) table.delete(name);
    expect(table.size).toBe(0);
    expect([...table.values()]).toEqual([]);
  });

  it('puts names where nobody can foresee it who does not know the seed', () => {
    const names = namesInOnePlace(100, seed).map((name) => Buffer.from(name, 'latin1'));
    const hashes = (by: number): Set<number> =>
      new Set(names.map((bytes) => hashOfBytes(bytes, 0, bytes.length, by)));
    expect(hashes(seed).size).toBe(1);
    expect(hashes(seedOf('one run')).size).toBeGreaterThan(90);
    expect(hashes(seedOf('one run'))).not.toEqual(hashes(seedOf('another')));
  });
});
