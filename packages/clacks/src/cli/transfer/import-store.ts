import { existsSync } from 'node:fs';
import path from 'node:path';
import { Cache } from '../../broker/cache.ts';
import type { CacheEntry, StoredContext } from '../../broker/ports.ts';
import { microsPerMs } from '../../broker/stamp.ts';
import { defaultConfig } from '../../config/defaults.ts';
import { toCacheEntry } from '../../storage/imported.ts';
import { LmdbStore } from '../../storage/lmdb-store.ts';
import type { StoreInfo } from '../../storage/messages.ts';
import { noContext } from '../../storage/store-file.ts';
import type { StoredEntry } from '../../storage/stored-entry.ts';
import { CommandError } from '../exit-code.ts';
import type { ImportResult, ImportTarget } from './import-target.ts';

/** Most changes that are written in one go. */
const batchChanges = 16_384;

/** The server that comes later forgets what is too much or too old for it. */
const cacheOptions = {
  maxCacheEntries: 0,
  maxCacheBytes: 0,
  staleCacheTimeMs: 0,
  deletedCacheTimeMs: defaultConfig.deletedCacheTimeMs,
};

/** Imports entries into the store of a server that does not run. A missing one is made. */
export class StoreImport implements ImportTarget {
  readonly #store: LmdbStore;
  readonly #cache: Cache;
  readonly #changed: Set<CacheEntry>;
  readonly #context: StoredContext;
  readonly #nodeId: string | undefined;
  readonly #isOverwriting: boolean;
  #older = 0;
  #tombstones = 0;

  private constructor(
    store: LmdbStore,
    cache: Cache,
    changed: Set<CacheEntry>,
    { context = noContext, nodeId }: StoreInfo,
    isOverwriting: boolean,
  ) {
    this.#store = store;
    this.#cache = cache;
    this.#changed = changed;
    this.#context = context;
    this.#nodeId = nodeId;
    this.#isOverwriting = isOverwriting;
  }

  /**
   * @param isOverwriting - Whether entries count as written now, whatever is there.
   * @throws CommandError, StoreError if it cannot be used, or a server uses it.
   */
  static async open(file: string, isOverwriting: boolean): Promise<StoreImport> {
    const directory = path.dirname(file);
    if (!existsSync(directory)) throw new CommandError(`There is no directory ${directory}.`);
    const changed = new Set<CacheEntry>();
    const nothing = (): void => undefined;
    const cache = new Cache(cacheOptions, 'import', {
      changed: (entry) => changed.add(entry),
      forgotten: nothing,
      cleared: nothing,
      contextChanged: nothing,
    });
    const { store, info } = await LmdbStore.open(file, (entry) => {
      cache.restore(entry);
    });
    const opened = new StoreImport(store, cache, changed, info, isOverwriting);
    cache.restored(opened.#context);
    if (info.unwritable === undefined) return opened;
    await opened[Symbol.asyncDispose]();
    throw new CommandError(`The store ${file} cannot be written: ${info.unwritable.reason}.`);
  }

  async add(entries: readonly StoredEntry[]): Promise<void> {
    for (const entry of entries) {
      if (this.#isOverwriting) this.#overwrite(entry);
      else this.#merge(entry);
      if (this.#changed.size >= batchChanges) await this.#save();
    }
  }

  async finish(): Promise<ImportResult> {
    await this.#save();
    return { older: this.#older, untellable: 0, tombstones: this.#tombstones };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store.close(this.#nodeId);
  }

  #overwrite({ name, value }: StoredEntry): void {
    const nowUs = Math.round((Date.now() + this.#context.clockOffsetMs) * microsPerMs);
    if (value === undefined) this.#tombstones++;
    else this.#cache.store(name, value, nowUs);
  }

  #merge(stored: StoredEntry): void {
    const entry = toCacheEntry(stored, Date.now() / 1000);
    entry.cacheTimeUs -= this.#cache.originUs;
    entry.stampShiftMs = this.#context.originMs;
    if (this.#cache.merge(entry) === 'older') this.#older++;
  }

  async #save(): Promise<void> {
    const changes = [...this.#changed];
    this.#changed.clear();
    const failure = await new Promise<string | undefined>((resolve) => {
      this.#store.onSaved(resolve);
      this.#store.save(changes, this.#context);
    });
    if (failure !== undefined) {
      throw new CommandError(`The store cannot be written: ${failure.replace(/\.$/u, '')}.`);
    }
  }
}
