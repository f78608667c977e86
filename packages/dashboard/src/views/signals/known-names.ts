import { signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';
import type { ApiCacheSearch, ApiNames } from 'clacks/admin-api';
import { messageOf, request } from '../../api/requests.ts';

/** Busiest names that are asked for, and names of the cache. */
const busyMax = 500;
const cachedMax = 50;
/** For how long somebody has to have typed nothing before the cache is searched, in ms. */
const typingMs = 200;

/** Names that somebody may mean: those that signals were sent for lately, and those of the cache. */
export class KnownNames {
  readonly #names = signal<readonly string[]>([]);
  readonly #problem = signal('');
  #busy: readonly string[] = [];
  #timer: number | undefined;
  #search: AbortController | undefined;

  get names(): ReadonlySignal<readonly string[]> {
    return this.#names;
  }

  /** Why there are none, if they could not be read. */
  get problem(): ReadonlySignal<string> {
    return this.#problem;
  }

  /** Reads the busiest names anew. */
  async readBusy(): Promise<void> {
    await this.#try(async () => {
      const { items } = await request<ApiNames>({ path: 'names', query: { limit: busyMax } });
      this.#busy = items.map(({ name }) => name);
      this.#names.value = this.#busy;
    });
  }

  /** Looks for what was typed, when that has come to an end. */
  find(typed: string): void {
    this.close();
    if (typed === '') this.#names.value = this.#busy;
    else this.#timer = setTimeout(() => void this.#searchFor(typed), typingMs);
  }

  /** Looks for nothing any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#search?.abort();
  }

  async #searchFor(typed: string): Promise<void> {
    this.#search = new AbortController();
    const { signal } = this.#search;
    await this.#try(async () => {
      const query = { q: typed, limit: cachedMax };
      const { items } = await request<ApiCacheSearch>({ path: 'cache/search', query, signal });
      this.#names.value = [...new Set([...this.#busy, ...items])];
    }, signal);
  }

  async #try(read: () => Promise<void>, signal?: AbortSignal): Promise<void> {
    try {
      await read();
      this.#problem.value = '';
    } catch (error) {
      if (signal?.aborted !== true) this.#problem.value = messageOf(error);
    }
  }
}
