import type { Change, Store, StoredContext } from '../broker/ports.ts';

/** A store that tells how long it takes to write. */
export class MeasuredStore implements Store {
  readonly #store: Store;
  #beganAtMs = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  save(changes: readonly Change[], context: StoredContext): void {
    this.#beganAtMs = performance.now();
    this.#store.save(changes, context);
  }

  /** How long ago the last writing began, in ms: to be asked when it is over. */
  get tookMs(): number {
    return performance.now() - this.#beganAtMs;
  }
}
