import { signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';
import { levelSeparator } from '@clacks/protocol';
import type { ApiCacheChild, ApiCacheChildren } from 'clacks/admin-api';
import { groupId, Place, valueId } from './rows.ts';
import type { GroupRow, Row } from './rows.ts';

/** Loads a part of what is one level below a place. */
export type LoadChildren = (
  prefix: string,
  after: string | undefined,
) => Promise<Pick<ApiCacheChildren, 'items' | 'next'>>;

/** Levels of a name that are opened to show it. Names of more levels are a mischief. */
const revealedMax = 20;

const collect = (place: Place, rows: Row[]): void => {
  for (const child of place.children) {
    rows.push(child);
    if (child.kind === 'group' && child.place.isOpen) collect(child.place, rows);
  }
  if (place.state !== 'loaded' || place.next !== undefined) rows.push(place.more);
};

/**
 * Names as a tree by their levels: what is open is loaded, in parts, and no further than somebody
 * looks. A list of names is a tree without groups.
 */
export class NameTree {
  readonly #load: LoadChildren;
  readonly #root = new Place('', -1);
  readonly #rows = signal<readonly Row[]>([]);
  /** Counts up: what was asked for before is not wanted any more. */
  #generation = 0;

  /** @param load - Its rejections are shown where the children would be. */
  constructor(load: LoadChildren) {
    this.#load = load;
    this.#root.isOpen = true;
    this.#changed();
  }

  /** The rows that are open, from top to bottom. */
  get rows(): ReadonlySignal<readonly Row[]> {
    return this.#rows;
  }

  /** Opens a group, or closes it. */
  toggle({ place }: GroupRow): void {
    place.isOpen = !place.isOpen;
    this.#changed();
  }

  /** Loads the next part of a place, unless all is there; resolves when it is. */
  more(place: Place): Promise<void> {
    if (place.state === 'loaded' && place.next === undefined) return Promise.resolve();
    place.loading ??= this.#more(place).finally(() => {
      place.loading = undefined;
    });
    return place.loading;
  }

  /**
   * Loads what is open anew, as much as was loaded. What is shown stays until the new is there.
   *
   * @throws what the loading does (as a rejection): then what is shown is what was before.
   */
  async refresh(): Promise<void> {
    const generation = ++this.#generation;
    try {
      await this.#refresh(this.#root, generation);
    } finally {
      this.#changed();
    }
  }

  /** Opens the groups that a name is in, as far as they are among what is loaded. */
  async reveal(name: string): Promise<void> {
    let place = this.#root;
    const levels = name.split(levelSeparator).slice(0, -1).slice(0, revealedMax);
    for (const level of levels) {
      if (place.children.length === 0) await this.more(place);
      const prefix = place.prefix + level + levelSeparator;
      const row = place.children.find(({ id }) => id === groupId(prefix));
      if (row?.kind !== 'group') return;
      place = row.place;
      place.isOpen = true;
    }
    this.#changed();
  }

  async #more(place: Place): Promise<void> {
    const generation = this.#generation;
    place.state = 'loading';
    this.#changed();
    try {
      const { items, next } = await this.#load(place.prefix, place.next);
      if (generation !== this.#generation) return;
      for (const item of items) place.children.push(this.#rowOf(place, item));
      place.next = next;
      place.state = 'loaded';
    } catch (error) {
      if (generation !== this.#generation) return;
      place.state = 'failed';
      place.problem = (error as Error).message;
    }
    this.#changed();
  }

  async #refresh(place: Place, generation: number): Promise<void> {
    if (place.children.length === 0 && place.state !== 'loaded') {
      // Asked for, in vain so far: who looks at it asks again.
      place.state = 'new';
      return;
    }
    const before = new Map(
      place.children.flatMap((row) => (row.kind === 'group' ? [[row.id, row.place]] : [])),
    );
    const fresh: Row[] = [];
    let next: string | undefined;
    do {
      const part = await this.#load(place.prefix, next);
      if (generation !== this.#generation) return;
      for (const item of part.items) {
        fresh.push(this.#rowOf(place, item, fresh.length + 1, before));
      }
      ({ next } = part);
    } while (next !== undefined && fresh.length < place.children.length);
    place.children = fresh;
    place.next = next;
    place.state = 'loaded';
    for (const row of fresh) {
      if (row.kind !== 'group') continue;
      if (row.place.isOpen) await this.#refresh(row.place, generation);
      else row.place.clear();
      if (generation !== this.#generation) return;
    }
  }

  #rowOf(
    parent: Place,
    item: ApiCacheChild,
    position = parent.children.length + 1,
    before?: ReadonlyMap<string, Place>,
  ): Row {
    const { kind, label } = item;
    if (kind === 'value') {
      return { kind, id: valueId(item.name), label, parent, position, name: item.name };
    }
    const { prefix, count } = item;
    const id = groupId(prefix);
    const place = before?.get(id) ?? new Place(prefix, parent.depth + 1);
    place.row = { kind, id, label, parent, position, count, place };
    return place.row;
  }

  #changed(): void {
    const rows: Row[] = [];
    collect(this.#root, rows);
    this.#rows.value = rows;
  }
}
