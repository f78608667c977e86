import { signal } from '@preact/signals';
import type { ApiCacheValue } from 'clacks/admin-api';
import { messageOf } from '../../api/requests.ts';

/** What is known of a value. */
export type ValueState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'here'; readonly value: ApiCacheValue }
  | { readonly kind: 'gone' }
  | { readonly kind: 'refused'; readonly problem: string };

/** Larger values are looked at only when somebody asks for it. */
const followedBytesMax = 64 * 1024;

/** The value of a name, as it was when it was looked at last. */
export class CachedValue {
  readonly name: string;
  readonly state = signal<ValueState>({ kind: 'loading' });
  /** Why the last look failed, though something is shown. */
  readonly problem = signal('');
  readonly #lookAt: (name: string) => Promise<ApiCacheValue | undefined>;
  #looks = 0;
  /** Looks that are on their way. */
  #looking = 0;

  constructor(name: string, lookAt: (name: string) => Promise<ApiCacheValue | undefined>) {
    this.name = name;
    this.#lookAt = lookAt;
  }

  /** Whether it is so small that one can look at it all the time. */
  get isFollowed(): boolean {
    const state = this.state.peek();
    return state.kind !== 'here' || state.value.bytes <= followedBytesMax;
  }

  /**
   * Looks at it again if it is small, unless a look is on its way: where answers take long, each would
   * make the one before useless else.
   */
  async follow(): Promise<void> {
    if (this.isFollowed && this.#looking === 0) await this.look();
  }

  /** Looks at it now. What is shown stays if that fails. */
  async look(): Promise<void> {
    const look = ++this.#looks;
    this.#looking++;
    try {
      const value = await this.#lookAt(this.name);
      if (look !== this.#looks) return;
      this.problem.value = '';
      this.state.value = value === undefined ? { kind: 'gone' } : { kind: 'here', value };
    } catch (error) {
      if (look !== this.#looks) return;
      const problem = messageOf(error);
      if (this.state.peek().kind === 'here') this.problem.value = problem;
      else this.state.value = { kind: 'refused', problem };
    } finally {
      this.#looking--;
    }
  }
}
