import { levelSeparator, textFromWire } from '@clacks/protocol';
import type { ApiCacheChild, ApiCacheChildren, ApiCacheSearch } from './api-types.ts';
import type { AdminPort, AdminUser, ReadableNames } from './ports.ts';
import { pickInParts } from './in-parts.ts';
import { sortNames } from './name-sorting.ts';
import { decodeCursor, encodeCursor, lowerBound } from './paging.ts';

/** What was listed is listed again for so long, or for so many times the time that it took, in ms. */
const freshMs = 1000;
const freshTimes = 5;
/** Names that a search looks at in one go. */
const searchedMax = 50_000;

/** Comes behind every name that begins with what is before it: a wire string has no such character. */
const beyond = '\u{100}';

interface Snapshot {
  readonly keys: readonly string[];
  staleAtMs: number;
  /** Of users who may read some only. */
  readonly readable: WeakMap<object, Promise<readonly string[]>>;
}

/** Shows the names of the cache a part at a time. A list of all is made no more often than it may. */
export class CacheView {
  readonly #port: AdminPort;
  readonly #now: () => number;
  #snapshot: Snapshot | undefined;
  #making: Promise<Snapshot> | undefined;
  #changes = 0;

  /** @param now - Monotonic ms. */
  constructor(port: AdminPort, now: () => number) {
    this.#port = port;
    this.#now = now;
  }

  /** Somebody who looks has changed it, and is to see that. */
  changed(): void {
    this.#changes++;
    this.#snapshot = undefined;
    this.#making = undefined;
  }

  /**
   * What is one level below a place, in byte order.
   *
   * @param prefix - As a wire string: empty, or with `::` at the end.
   * @param after - The `next` of the part before.
   */
  async children(
    user: AdminUser,
    prefix: string,
    after: string | undefined,
    limit: number,
  ): Promise<ApiCacheChildren> {
    const keys = await this.#keysOf(user);
    const begin = lowerBound(keys, prefix, 0, keys.length);
    const end = lowerBound(keys, prefix + beyond, begin, keys.length);
    let index = after === undefined ? begin : lowerBound(keys, decodeCursor(after), begin, end);
    const items: ApiCacheChild[] = [];
    for (; index < end && items.length < limit;) {
      const name = keys[index] ?? '';
      const cut = name.indexOf(levelSeparator, prefix.length);
      if (cut === -1) {
        const label = textFromWire(name.slice(prefix.length));
        items.push({ kind: 'value', name: textFromWire(name), label });
        index++;
        continue;
      }
      const group = name.slice(0, cut + levelSeparator.length);
      const behind = lowerBound(keys, group + beyond, index, end);
      const label = textFromWire(name.slice(prefix.length, cut));
      items.push({ kind: 'group', prefix: textFromWire(group), label, count: behind - index });
      index = behind;
    }
    return {
      prefix: textFromWire(prefix),
      count: end - begin,
      items,
      ...(index < end && { next: encodeCursor(keys[index] ?? '') }),
    };
  }

  /**
   * Names that hold a text, in byte order, whatever the case of ASCII letters.
   *
   * @param text - As a wire string.
   */
  async search(
    user: AdminUser,
    text: string,
    after: string | undefined,
    limit: number,
  ): Promise<ApiCacheSearch> {
    const keys = await this.#keysOf(user);
    const wanted = text.toLowerCase();
    let index = after === undefined ? 0 : lowerBound(keys, decodeCursor(after), 0, keys.length);
    const until = Math.min(keys.length, index + searchedMax);
    const items: string[] = [];
    for (; index < until && items.length < limit; index++) {
      const name = keys[index] ?? '';
      if (name.toLowerCase().includes(wanted)) items.push(textFromWire(name));
    }
    return { items, ...(index < keys.length && { next: encodeCursor(keys[index] ?? '') }) };
  }

  async #keysOf({ readable }: AdminUser): Promise<readonly string[]> {
    const snapshot = await this.#fresh();
    if (readable === undefined) return snapshot.keys;
    let keys = snapshot.readable.get(readable);
    if (keys === undefined) {
      keys = this.#pick(snapshot, readable);
      snapshot.readable.set(readable, keys);
    }
    return keys;
  }

  async #pick(snapshot: Snapshot, readable: ReadableNames): Promise<readonly string[]> {
    const beganAtMs = this.#now();
    const keys = await pickInParts(snapshot.keys, (name) => readable.allows(name));
    snapshot.staleAtMs = Math.max(snapshot.staleAtMs, this.#staleAtMs(beganAtMs));
    return keys;
  }

  /** Until when what took from then on to now is used again. */
  #staleAtMs(beganAtMs: number): number {
    const nowMs = this.#now();
    return nowMs + Math.max(freshMs, (nowMs - beganAtMs) * freshTimes);
  }

  #fresh(): Promise<Snapshot> {
    if (this.#snapshot !== undefined && this.#now() < this.#snapshot.staleAtMs) {
      return Promise.resolve(this.#snapshot);
    }
    this.#making ??= this.#make();
    return this.#making;
  }

  async #make(): Promise<Snapshot> {
    const beganAtMs = this.#now();
    const changes = this.#changes;
    const keys = await sortNames(this.#port.cacheKeys());
    const snapshot: Snapshot = {
      keys,
      staleAtMs: this.#staleAtMs(beganAtMs),
      readable: new WeakMap(),
    };
    // What was changed meanwhile may be missing: then it is for those alone who asked before.
    if (this.#changes !== changes) return snapshot;
    this.#snapshot = snapshot;
    this.#making = undefined;
    return snapshot;
  }
}
