import { copyFile, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { randomFrom } from '../../../../test/support/random.ts';
import type { CacheEntry } from '../../src/broker/ports.ts';
import { repairStore } from '../../src/storage/store-repair.ts';
import { checkStore, compactStore, copyStore } from '../../src/storage/store-tasks.ts';
import {
  contentOf,
  entryOf,
  makeUsedStore,
  openStore,
  overwritePage,
  pageBytes,
  pageWith,
  save,
  useElsewhere,
} from './support.ts';

/** LMDB's own pages, with which every file begins. */
const metaPages = 2;

const marked = 'Kitchen::Sensor2';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
  file = path.join(directory, 'cache.lmdb');
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe('a damaged store', () => {
  let original: string;
  let originalDirectory: string;
  let expected: Map<string, CacheEntry>;
  let repairs = 0;

  beforeAll(async () => {
    originalDirectory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
    original = path.join(originalDirectory, 'original.lmdb');
    expected = await makeUsedStore(original);
  });

  afterAll(async () => {
    await rm(originalDirectory, { recursive: true });
  });

  beforeEach(async () => {
    await copyFile(original, file);
  });

  /** Repairs it, and makes sure that nothing is there that was not written. */
  const repaired = async (): Promise<Map<string, CacheEntry>> => {
    const damaged = await readFile(file);
    const second = String(++repairs % 60).padStart(2, '0');
    const result = await repairStore(file, Date.parse(`2026-11-24T23:05:${second}.500Z`));
    const damagedFile = `${file}.damaged-20261124T2305${second}Z`;
    expect(result).toMatchObject({ kind: 'repaired', damagedFile });
    expect((await readFile(damagedFile)).equals(damaged)).toBe(true);
    const content = await contentOf(file);
    expect(result).toMatchObject({ contents: { entries: content.size } });
    for (const [name, entry] of content) expect(entry).toEqual(expected.get(name));
    return content;
  };

  /** Writes a value that is easily found in the file. */
  const markSensor = async (): Promise<void> => {
    const { store } = await openStore(file);
    await save(store, [entryOf(marked, 'THIS ONE')]);
    await store.close(undefined);
  };

  it(
    'is never taken for a whole one, and repaired as far as it can be read',
    { timeout: 120_000 },
    async () => {
      const random = randomFrom(12);
      const pages = (await readFile(original)).length / pageBytes;
      let [found, rescued] = [0, 0];
      for (let round = 0; round < 12; round++) {
        await copyFile(original, file);
        for (let damage = 0; damage <= round % 3; damage++) {
          const page = metaPages + Math.floor(random() * (pages - metaPages));
          const isGarbage = round % 4 === 3;
          const bytes = Buffer.alloc(pageBytes, isGarbage ? Buffer.from([random() * 256, 7]) : 0);
          await overwritePage(file, page, bytes);
        }
        try {
          await checkStore(file);
        } catch (error) {
          expect(error).toMatchObject({ problem: 'damaged' });
          found++;
          // Where the root of the tree was, nothing is found any more.
          const content = await repaired().catch((failure: unknown) => {
            expect(failure).toMatchObject({ problem: 'damaged' });
          });
          if (content !== undefined && content.size > expected.size * 0.9) rescued++;
          continue;
        }
        expect(await contentOf(file)).toEqual(expected);
      }
      expect(found).toBeGreaterThan(5);
      expect(rescued).toBeGreaterThan(found / 2);
    },
  );

  it('loses no more than the page that is damaged', async () => {
    await markSensor();
    const page = await pageWith(file, 'THIS ONE');
    await overwritePage(file, page, Buffer.alloc(pageBytes));
    await expect(checkStore(file)).rejects.toMatchObject({ problem: 'damaged' });
    await expect(copyStore(file, `${file}.copy`)).rejects.toMatchObject({ problem: 'damaged' });
    await expect(compactStore(file)).rejects.toMatchObject({ problem: 'damaged' });
    const content = await repaired();
    expect(content.has(marked)).toBe(false);
    expect(content.size).toBeGreaterThan(expected.size - 100);
    // It does not go on as the run that may have told others of what is lost.
    const { store: again, nodeId } = await openStore(file);
    expect(nodeId).toBeUndefined();
    await again.close(undefined);
  });

  it('is known by a single changed byte of a value', async () => {
    await markSensor();
    const bytes = await readFile(file);
    const at = bytes.lastIndexOf('THIS ONE', undefined, 'latin1');
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(file, bytes);
    await expect(checkStore(file)).rejects.toMatchObject({ problem: 'damaged' });
    const content = await repaired();
    expect(content.size).toBe(expected.size - 1);
    expect(content.has(marked)).toBe(false);
  });

  it('is known when it is cut off', async () => {
    const { length } = await readFile(file);
    await truncate(file, length / 2);
    const message = expect.stringMatching(/the file is cut off/u) as string;
    await expect(checkStore(file)).rejects.toMatchObject({ problem: 'damaged', message });
    await expect(compactStore(file)).rejects.toMatchObject({ problem: 'damaged' });
  });

  it('stays as it is if nothing of it can be read', async () => {
    await truncate(file, metaPages * pageBytes);
    const before = await readFile(file);
    await expect(repairStore(file, 0)).rejects.toMatchObject({
      problem: 'damaged',
      message: expect.stringMatching(
        /nothing of it can be read: put a backup in its place, or move it away/u,
      ) as string,
    });
    expect((await readFile(file)).equals(before)).toBe(true);
    const names = (await readdir(directory)).filter((name) => !name.endsWith('-lock'));
    expect(names).toEqual(['cache.lmdb']);
  });

  it('is not repaired while a server uses it', async () => {
    await markSensor();
    await using user = await useElsewhere(file);
    await overwritePage(file, await pageWith(file, 'THIS ONE'), Buffer.alloc(pageBytes));
    const before = await readFile(file);
    await expect(repairStore(file, 0)).rejects.toMatchObject({
      problem: 'in_use',
      message: expect.stringContaining(String(user.pid)) as string,
    });
    expect((await readFile(file)).equals(before)).toBe(true);
  });

  it('is left alone if it is in order', async () => {
    const before = await readFile(file);
    expect(await repairStore(file, 0)).toMatchObject({
      kind: 'intact',
      contents: { entries: expected.size },
    });
    expect((await readFile(file)).equals(before)).toBe(true);
  });
});
