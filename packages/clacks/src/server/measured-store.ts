import type { Change, Store, StoredContext } from '../broker/ports.ts';
import type { LmdbStore } from '../storage/lmdb-store.ts';

/** A store that tells how long it takes to write. */
export class MeasuredStore implements Store {
  readonly store: LmdbStore;
  #beganAtMs = 0;

  constructor(store: LmdbStore) {
    this.store = store;
  }

  save(changes: readonly Change[], context: StoredContext): void {
    this.#beganAtMs = performance.now();
    this.store.save(changes, context);
  }

  /** How long ago the last writing began, in ms: to be asked when it is over. */
  get tookMs(): number {
    return performance.now() - this.#beganAtMs;
  }
}
