import type { Outbox } from './outbox.ts';
import type { Waiters } from './waiters.ts';

type State =
  /** There is no connection to PostgreSQL: it is not known. */
  | { readonly kind: 'unknown' }
  /** Another bridge is at work. */
  | { readonly kind: 'standby' }
  /** This bridge is at work, and sends this outbox. */
  | { readonly kind: 'leading'; readonly outbox: Outbox };

/** Whether this bridge is the one at work in its database. */
export class Leadership {
  #state: State = { kind: 'unknown' };
  readonly #waiters: Waiters;

  constructor(waiters: Waiters) {
    this.#waiters = waiters;
  }

  get isLeading(): boolean {
    return this.#state.kind === 'leading';
  }

  get isStandby(): boolean {
    return this.#state.kind === 'standby';
  }

  set(state: State): void {
    this.#state = state;
    this.#waiters.wake();
  }

  /** The outbox, as soon as this bridge leads; `undefined` if another one does, or at the end. */
  async outbox(): Promise<Outbox | undefined> {
    while (this.#state.kind === 'unknown' && !this.#waiters.isOver) await this.#waiters.wait();
    return this.#state.kind === 'leading' ? this.#state.outbox : undefined;
  }
}
