import { everything } from '../../src/broker/ports.ts';
import type { Change, Store, StoredContext } from '../../src/broker/ports.ts';

/** A store whose writing takes until it is told so. */
export class TestStore implements Store {
  /** What is kept, by name. */
  readonly kept = new Map<string, string | undefined>();
  context: StoredContext | undefined;
  batches = 0;
  #changes: readonly (readonly [Change, string | undefined])[] | undefined;

  get isSaving(): boolean {
    return this.#changes !== undefined;
  }

  save(changes: readonly Change[], context: StoredContext): void {
    if (this.isSaving) throw new Error('one at a time');
    this.batches++;
    this.context = context;
    // As they are now: entries go on changing.
    this.#changes = changes.map((change) => [
      change,
      typeof change === 'object' ? change.value : undefined,
    ]);
  }

  /** The batch is on the disk. */
  finish(): void {
    for (const [change, value] of this.#changes ?? []) {
      if (change === everything) this.kept.clear();
      else if (typeof change === 'string') this.kept.delete(change);
      else this.kept.set(change.name, value);
    }
    this.#changes = undefined;
  }

  /** The batch could not be written. */
  fail(): void {
    this.#changes = undefined;
  }
}
