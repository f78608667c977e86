import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { childrenOf } from '../../../../test/support/processes.ts';
import { everything } from '../../src/broker/ports.ts';
import type { CacheEntry, Change, StoredContext } from '../../src/broker/ports.ts';
import { LmdbStore } from '../../src/storage/lmdb-store.ts';
import { makeStore, noContext } from '../../src/storage/store-file.ts';

const pageBytes = 4096;

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
  file = path.join(directory, 'store.lmdb');
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const entryOf = (name: string, value: string | undefined, cacheTimeUs = 1): CacheEntry => ({
  name,
  value,
  cacheTimeUs,
  accessedAfterS: 0,
  stampShiftMs: 0,
  counter: undefined,
});

const save = async (
  store: LmdbStore,
  changes: readonly Change[],
  context: StoredContext = noContext,
): Promise<void> => {
  const failure = await new Promise<string | undefined>((resolve) => {
    store.onSaved(resolve);
    store.save(changes, context);
  });
  expect(failure).toBeUndefined();
};

const byName = (entries: readonly CacheEntry[]): Map<string, CacheEntry> =>
  new Map(entries.map((entry) => [entry.name, entry]));

/** Opens the store and closes it again. */
const contentOf = async (): Promise<{ entries: CacheEntry[]; context?: StoredContext }> => {
  const entries: CacheEntry[] = [];
  const { store, info } = await LmdbStore.open(file, (entry) => entries.push(entry));
  await store.close(undefined);
  return { entries, ...(info.context && { context: info.context }) };
};

const wireString = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString('latin1'));

// Nobody tells -0 from 0.
const time = fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0);

const counter = fc.record({
  base: fc.constantFrom(
    { timeUs: -Infinity, stampUs: -Infinity },
    { timeUs: 123.5, stampUs: 1_790_000_000_000_000 },
  ),
  baseValue: fc.option(wireString(20), { nil: undefined }),
  parts: fc.array(
    fc.record({
      nodeId: fc.string({ minLength: 1 }),
      steps: fc.nat(),
      sum: fc.integer(),
    }),
    { maxLength: 3 },
  ),
});

const entry: fc.Arbitrary<CacheEntry> = fc.record({
  name: fc.oneof(
    wireString(30),
    wireString(30).map((text) => text.padEnd(3000, 'n')),
  ),
  value: fc.option(wireString(3000), { nil: undefined }),
  cacheTimeUs: time,
  accessedAfterS: time,
  stampShiftMs: time,
  counter: fc.option(counter, { nil: undefined }),
});

// Each run starts processes: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

describe('a store', () => {
  it('has what was put into it, in whatever order it came and went', async () => {
    const change = fc.oneof(
      { weight: 8, arbitrary: entry },
      { weight: 3, arbitrary: fc.nat(20) },
      { weight: 1, arbitrary: fc.constant(everything) },
    );
    const batches = fc.array(fc.array(change, { maxLength: 20 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(batches, async (all) => {
        await rm(file, { force: true });
        const expected = new Map<string, CacheEntry>();
        const { store } = await LmdbStore.open(file, () => undefined);
        for (const batch of all) {
          const changes = batch.map((each): Change => {
            if (typeof each !== 'number') return each;
            // A name that is there, as far as there are some.
            return [...expected.keys()][each] ?? 'not there';
          });
          for (const each of changes) {
            if (each === everything) expected.clear();
            else if (typeof each === 'string') expected.delete(each);
            else if (each.name !== '') expected.set(each.name, each);
          }
          await save(
            store,
            changes.filter((each) => typeof each !== 'object' || each.name !== ''),
          );
        }
        await store.close(undefined);
        expect(byName((await contentOf()).entries)).toEqual(expected);
      }),
      { numRuns: 12 },
    );
  });

  it('knows what all entries have in common', async () => {
    const context: StoredContext = {
      originMs: -3_600_000,
      cleared: { timeUs: 17.5, stampUs: 1_790_000_000_000_000 },
      clock: 'another',
      clockOffsetMs: -3_600_000,
    };
    const { store } = await LmdbStore.open(file, () => undefined);
    await save(store, [], context);
    await store.close(undefined);
    expect((await contentOf()).context).toEqual(context);
  });

  it('has all of a batch or nothing, and goes on after its process was ended', async () => {
    await makeStore(file, [entryOf('a', '1')], noContext);
    const { store } = await LmdbStore.open(file, () => undefined);
    const [pid = 0] = await childrenOf(process.pid, file);
    const failure = new Promise<string | undefined>((resolve) => {
      store.onSaved(resolve);
    });
    process.kill(pid, 'SIGSTOP');
    store.save([entryOf('a', '2'), entryOf('b', '2')], noContext);
    process.kill(pid, 'SIGKILL');
    expect(await failure).toBe('its process was ended by SIGKILL');
    await save(store, [entryOf('c', '3')]);
    await store.close(undefined);
    expect((await contentOf()).entries.map(({ name, value }) => [name, value])).toEqual([
      ['a', '1'],
      ['c', '3'],
    ]);
  });
});

describe('a store that is not the one any more', () => {
  const failureOf = (store: LmdbStore, changes: readonly Change[]): Promise<string | undefined> =>
    new Promise((resolve) => {
      store.onSaved(resolve);
      store.save(changes, noContext);
    });

  it('is not written to after somebody else has taken its file', async () => {
    const { store } = await LmdbStore.open(file, () => undefined);
    await save(store, [entryOf('a', '1')]);
    await expect(LmdbStore.open(file, () => undefined)).rejects.toMatchObject({
      problem: 'in_use',
    });
    for (const pid of await childrenOf(process.pid, file)) process.kill(pid, 'SIGKILL');
    await expect(failureOf(store, [])).resolves.toMatch(/SIGKILL/u);
    const { store: other } = await LmdbStore.open(file, () => undefined);
    await save(other, [entryOf('b', '2')]);
    await expect(failureOf(store, [entryOf('a', '3')])).resolves.toMatch(/used by another server/u);
    await other.close(undefined);
    await expect(failureOf(store, [entryOf('a', '3')])).resolves.toMatch(/used by another server/u);
    await store.close(undefined);
    expect((await contentOf()).entries.map(({ value }) => value)).toEqual(['1', '2']);
  });

  it('is not begun anew when its file is gone', async () => {
    const { store } = await LmdbStore.open(file, () => undefined);
    await save(store, [entryOf('a', '1')]);
    await rename(file, `${file}.moved`);
    await expect(failureOf(store, [entryOf('b', '2')])).resolves.toMatch(/moved or replaced/u);
    await expect(failureOf(store, [entryOf('b', '2')])).resolves.toMatch(/is not there/u);
    await store.close(undefined);
    expect(existsSync(file)).toBe(false);
  });
});

describe('a store after each batch', () => {
  it('can be opened by another process, whatever has come and gone', async () => {
    for (let round = 0; round < 12; round++) {
      await rm(file, { force: true });
      const { store } = await LmdbStore.open(file, () => undefined);
      const names = Array.from({ length: 4000 }, (_, index) => `name::${index * 7919 + round}`);
      for (let start = 0; start < names.length; start += 1000) {
        await save(
          store,
          names.slice(start, start + 1000).map((name) => entryOf(name, 'x'.repeat(200))),
        );
      }
      await save(store, names.slice(round * 100));
      await store.close(undefined);
      expect((await contentOf()).entries.length).toBe(round * 100);
    }
  });
});

describe('a store that is damaged', () => {
  const values = Array.from({ length: 3000 }, (_, index) =>
    entryOf(`name::${index * 7919}`, index % 50 === 0 ? 'x'.repeat(9000) : `value ${index}`, index),
  );

  /** What opening it gives: all as it was, or an error. */
  const outcomeOf = async (bytes: Buffer): Promise<string> => {
    await writeFile(file, bytes);
    await rm(`${file}-lock`, { force: true });
    try {
      const { entries } = await contentOf();
      expect(byName(entries)).toEqual(byName(values));
      return 'as it was';
    } catch (error) {
      const { code, problem } = error as { code?: string; problem?: string };
      expect(code).toBe('CLACKS_ERR_STORE');
      return problem ?? '';
    }
  };

  it('is refused if one bit of a value, of a key or of what it knows is another, and not touched', async () => {
    await makeStore(file, values, noContext);
    const whole = await readFile(file);
    for (const text of ['value 777', 'name::79190', '"checksum"']) {
      const bytes = Buffer.from(whole);
      for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + 1)) {
        bytes.writeUInt8(bytes.readUInt8(at + 1) ^ 1, at + 1);
      }
      expect(await outcomeOf(bytes)).toBe('damaged');
      expect(await readFile(file)).toEqual(bytes);
    }
  });

  it('is refused, or was not damaged where it matters: never is anything wrong', async () => {
    await makeStore(file, values, noContext);
    const whole = await readFile(file);
    const pages = whole.length / pageBytes;
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(pages - 1), { minLength: 1, maxLength: 8 }),
        async (zeroed) => {
          const bytes = Buffer.from(whole);
          for (const page of zeroed) bytes.fill(0, page * pageBytes, (page + 1) * pageBytes);
          outcomes.add(await outcomeOf(bytes));
        },
      ),
      { numRuns: 15 },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: whole.length - 1 }), async (length) => {
        outcomes.add(await outcomeOf(whole.subarray(0, length)));
      }),
      { numRuns: 10 },
    );
    expect(outcomes).toContain('damaged');
    expect(await outcomeOf(whole)).toBe('as it was');
  });
});
