/** Why messages of the database may have been missed. */
export type GapReason =
  /** The bridge has begun to listen: what was sent before is not known to it. */
  | 'started'
  /** The connection to PostgreSQL was lost and is there again. */
  | 'reconnected'
  /** More came than the bridge could keep while the Clacks server did not take it. */
  | 'overflow'
  /** The connection to the Clacks server was lost: what was on its way may not have arrived. */
  | 'clacks';

/** How far the outbox is to be sent: up to a position and the last of some rows, or all that is there. */
export type OutboxBound =
  | { readonly ids: readonly string[]; readonly position?: string | undefined }
  | { readonly all: true };

/** Something to be done, in its order. */
export type InboxItem =
  | { readonly kind: 'payload'; readonly payload: string }
  | { readonly kind: 'outbox'; readonly upTo: OutboxBound }
  | { readonly kind: 'gap'; readonly reason: GapReason };

/** What one item costs beside its text, in bytes. */
const itemBytes = 64;

/** Most rows that one item names: more of them are all. */
const idsMax = 1000;

/** Both bounds: which row is the last, only the outbox knows, and anybody can notify any number. */
const join = (first: OutboxBound, second: OutboxBound): OutboxBound => {
  if ('all' in first || 'all' in second) return { all: true };
  const ids = [...first.ids, ...second.ids];
  if (ids.length > idsMax) return { all: true };
  return { ids, position: second.position ?? first.position };
};

/** What the database sent and the Clacks server has not taken yet, in order, up to a number of bytes. */
export class Inbox {
  readonly #bytesMax: number;
  #items: InboxItem[] = [];
  /** Those before it are taken. */
  #next = 0;
  #bytes = 0;
  #isClosed = false;
  #arrived: () => void = () => undefined;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /**
   * Adds a payload.
   *
   * @returns Whether there was room. If not, a gap stands in its place.
   */
  addPayload(payload: string): boolean {
    const bytes = payload.length + itemBytes;
    if (this.#bytes + bytes > this.#bytesMax) {
      this.addGap('overflow');
      return false;
    }
    this.#bytes += bytes;
    this.#add({ kind: 'payload', payload });
    return true;
  }

  /** The outbox is to be sent so far, after what came before. */
  addOutbox(upTo: OutboxBound): void {
    // An overflow between the two has no place that matters: there is none for each while it lasts.
    const last = this.#last;
    const isOverflow = last?.kind === 'gap' && last.reason === 'overflow';
    const index = this.#items.length - (isOverflow ? 2 : 1);
    const before = index < this.#next ? undefined : this.#items[index];
    if (before?.kind !== 'outbox') this.#add({ kind: 'outbox', upTo });
    else this.#items[index] = { kind: 'outbox', upTo: join(before.upTo, upTo) };
  }

  /** Tells of a gap, after what came before. */
  addGap(reason: GapReason): void {
    const last = this.#last;
    if (last?.kind !== 'gap' || last.reason !== reason) this.#add({ kind: 'gap', reason });
  }

  /** The outbox is another bridge's matter. */
  forgetOutbox(): void {
    this.#items = this.#items.slice(this.#next).filter(({ kind }) => kind !== 'outbox');
    this.#next = 0;
  }

  /** Nothing will be added; what is there can still be taken. */
  close(): void {
    this.#isClosed = true;
    this.#arrived();
  }

  /** The next item, as soon as there is one; `undefined` when it is closed and empty. */
  async take(): Promise<InboxItem | undefined> {
    while (this.#next === this.#items.length && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
    const item = this.#items[this.#next];
    if (item === undefined) return undefined;
    this.#next++;
    if (item.kind === 'payload') this.#bytes -= item.payload.length + itemBytes;
    // Now and then, not each time: what is left is moved.
    if (this.#next === this.#items.length || this.#next >= 1024 + this.#items.length / 2) {
      this.#items = this.#items.slice(this.#next);
      this.#next = 0;
    }
    return item;
  }

  get #last(): InboxItem | undefined {
    return this.#next < this.#items.length ? this.#items.at(-1) : undefined;
  }

  #add(item: InboxItem): void {
    if (this.#isClosed) return;
    this.#items.push(item);
    this.#arrived();
  }
}
