/** A place in the tree of names: all that is below `Kitchen::`, as far as it is loaded. */
export class Place {
  /** Empty for the root. */
  readonly prefix: string;
  /** -1 for the root. */
  readonly depth: number;
  /** The row at its end, as long as there is more to load. */
  readonly more: MoreRow;
  /** The row that stands for it; absent for the root. */
  row: GroupRow | undefined;
  isOpen = false;
  children: Row[] = [];
  /** What to ask for next; undefined at the end, and before the first part. */
  next: string | undefined;
  state: 'new' | 'loading' | 'failed' | 'loaded' = 'new';
  /** Resolves when the next part is there, or not; undefined if none is asked for. */
  loading: Promise<void> | undefined;
  /** Why it failed. */
  problem = '';

  constructor(prefix: string, depth: number) {
    this.prefix = prefix;
    this.depth = depth;
    this.more = { kind: 'more', id: `more ${prefix}`, parent: this };
  }

  /** Forgets what was loaded. */
  clear(): void {
    this.children = [];
    this.next = undefined;
    this.state = 'new';
  }
}

/** A row that stands for names that go on. */
export interface GroupRow {
  readonly kind: 'group';
  readonly id: string;
  readonly label: string;
  readonly parent: Place;
  /** From 1 on. */
  readonly position: number;
  /** How many names begin with it. */
  readonly count: number;
  readonly place: Place;
}

/** A row that stands for a value. */
export interface ValueRow {
  readonly kind: 'value';
  readonly id: string;
  readonly label: string;
  readonly parent: Place;
  readonly position: number;
  readonly name: string;
}

/** A row that stands for what is still to be loaded. */
export interface MoreRow {
  readonly kind: 'more';
  readonly id: string;
  readonly parent: Place;
}

/** A row of the tree of names. */
export type Row = GroupRow | ValueRow | MoreRow;

/** The id of the row of a value. */
export const valueId = (name: string): string => `value ${name}`;

/** The id of the row of a group. */
export const groupId = (prefix: string): string => `group ${prefix}`;
