import type { EntryChanges } from './entry-table.ts';
import { unrecorded } from './entry-table.ts';
import { Persistence } from './persistence.ts';
import type { PersistenceOptions } from './persistence.ts';
import type { Store } from './ports.ts';
import type { Session } from './session.ts';

/** Lets sessions wait until what they have changed is kept, where the cache is kept at all. */
export class Keeper {
  readonly #persistence: Persistence | undefined;
  readonly #now: () => number;

  constructor(store: Store | undefined, options: PersistenceOptions) {
    this.#persistence = store && new Persistence(store, options);
    this.#now = options.now;
  }

  /** Who is to be told of changes. */
  get changes(): EntryChanges {
    return this.#persistence ?? unrecorded;
  }

  /** When {@link tick} next has something to do, in monotonic ms. */
  get nextTickMs(): number {
    return this.#persistence?.nextTickMs ?? Infinity;
  }

  /** Does what is due. */
  tick(): void {
    this.#persistence?.tick();
  }

  /** Changes may wait for another time than before. */
  intervalChanged(): void {
    this.#persistence?.intervalChanged();
  }

  /** A session has changed the cache. */
  wrote(session: Session): void {
    if (this.#persistence !== undefined) session.lastChange = this.#persistence.changes;
  }

  /**
   * Waits until what a session has changed is kept, or cannot be: then it is told why. The session's
   * lines wait meanwhile.
   */
  whenKept(session: Session, done: (failure?: string) => void): void {
    if (this.#persistence?.isPending(session.lastChange) !== true) {
      done();
      return;
    }
    session.isHeld = true;
    this.#persistence.whenSaved(session.lastChange, (failure) => {
      session.isHeld = false;
      if (session.state.kind === 'closing') return;
      // It could not be heard.
      session.lastPingAtMs = this.#now();
      done(failure);
      session.port.resume();
    });
  }

  /** Waits until everything is kept, or cannot be: then it is told why. */
  whenAllKept(done: (failure?: string) => void): void {
    if (this.#persistence === undefined) done();
    else this.#persistence.whenSaved(this.#persistence.changes, done);
  }

  /** The store has written what it was given, or could not, for that reason. */
  saved(failure?: string): void {
    this.#persistence?.saved(failure);
  }
}
