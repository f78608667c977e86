/** Something that has a name: a wire string. */
interface Named {
  readonly name: string;
}

/**
 * A table that grows or shrinks moves all that is in it at once: with a million entries that would
 * hold up everybody for a tenth of a second. So there are several.
 */
const shardBits = 6;
const shardCount = 2 ** shardBits;

const minCapacity = 8;

/**
 * A value is at most so many places after its own: whoever looks it up walks past so many others at
 * most, also where somebody has found names that fall into the same place.
 */
const maxProbes = 256;

const scatter = (hash: number, group: number): number => {
  const mixed = Math.imul(hash ^ group, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
};

/** 0 stands for an empty place. */
const finish = (hash: number): number => {
  const mixed = Math.imul(hash, 0x85ebca6b);
  return mixed ^ (mixed >>> 13) || 1;
};

/** The hash of a name. Four characters at once take a third of the time that one by one does. */
const hashOf = (name: string, seed: number): number => {
  const { length } = name;
  const rest = length & 3;
  let hash = seed ^ length;
  let index = 0;
  for (; index < length - rest; index += 4) {
    const low = name.charCodeAt(index) | (name.charCodeAt(index + 1) << 8);
    const high = name.charCodeAt(index + 2) | (name.charCodeAt(index + 3) << 8);
    hash = scatter(hash, low | (high << 16));
  }
  for (; index < length; index++) hash = scatter(hash, name.charCodeAt(index));
  return finish(hash);
};

/** What the hashes of a node depend on: clients that do not know it cannot foresee where names go. */
export const seedOf = (secret: string): number => hashOf(secret, 0);

/** The hash of a name in bytes, for {@link NameTable.byHash} of a table with that seed. */
export const hashOfBytes = (
  bytes: Uint8Array,
  start: number,
  end: number,
  seed: number,
): number => {
  const length = end - start;
  const groupsEnd = end - (length & 3);
  let hash = seed ^ length;
  let index = start;
  for (; index < groupsEnd; index += 4) {
    const low = (bytes[index] ?? 0) | ((bytes[index + 1] ?? 0) << 8);
    const high = (bytes[index + 2] ?? 0) | ((bytes[index + 3] ?? 0) << 8);
    hash = scatter(hash, low | (high << 16));
  }
  for (; index < end; index++) hash = scatter(hash, bytes[index] ?? 0);
  return finish(hash);
};

/** Whether these bytes are that name. */
export const isNameAt = (name: string, bytes: Uint8Array, start: number, end: number): boolean => {
  const { length } = name;
  if (length !== end - start) return false;
  for (let index = 0; index < length; index++) {
    if (name.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
};

const emptyArray = <Element>(length: number): (Element | undefined)[] =>
  new Array<Element | undefined>(length).fill(undefined);

/** Open addressing with linear probing: each value is in the first free place after its hash's own. */
class Shard<Value extends Named> {
  hashes = new Int32Array(minCapacity);
  /** Of the values: one step less to what lies elsewhere in memory. */
  #names = emptyArray<string>(minCapacity);
  values = emptyArray<Value>(minCapacity);
  mask = minCapacity - 1;
  /** Counts what was added and deleted. */
  changes = 0;
  #size = 0;
  /** For those that too many others are in the way of. */
  readonly #more: Map<string, Value>;

  constructor(more: Map<string, Value>) {
    this.#more = more;
  }

  /** Where a name is; -1 if it is not here. */
  indexOf(name: string, hash: number): number {
    const { hashes, mask } = this;
    const names = this.#names;
    let index = hash & mask;
    for (let probes = 0; hashes[index] !== 0 && probes <= maxProbes; probes++) {
      if (hashes[index] === hash && names[index] === name) return index;
      index = (index + 1) & mask;
    }
    return -1;
  }

  /** The first value here whose name has that hash. */
  byHash(hash: number): Value | undefined {
    const { hashes, values, mask } = this;
    let index = hash & mask;
    for (let probes = 0; hashes[index] !== 0 && probes <= maxProbes; probes++) {
      if (hashes[index] === hash) return values[index];
      index = (index + 1) & mask;
    }
    return undefined;
  }

  add(value: Value, hash: number): void {
    if (this.#size * 3 >= this.hashes.length * 2) this.#resize(this.hashes.length * 2);
    this.#place(value, hash);
    this.changes++;
  }

  /** Takes out what is there. */
  deleteAt(index: number): void {
    this.#close(index);
    this.#size--;
    this.changes++;
    const capacity = this.hashes.length;
    if (capacity > minCapacity && this.#size * 8 < capacity) this.#resize(capacity / 2);
  }

  #place(value: Value, hash: number): void {
    const { hashes, mask } = this;
    let index = hash & mask;
    for (let probes = 0; hashes[index] !== 0; probes++) {
      if (probes === maxProbes) {
        this.#more.set(value.name, value);
        return;
      }
      index = (index + 1) & mask;
    }
    hashes[index] = hash;
    this.#names[index] = value.name;
    this.values[index] = value;
    this.#size++;
  }

  /** Moves those up that had to make way for what was there. */
  #close(deleted: number): void {
    const { hashes, values, mask } = this;
    const names = this.#names;
    let gap = deleted;
    for (let index = (gap + 1) & mask; hashes[index] !== 0; index = (index + 1) & mask) {
      const hash = hashes[index] ?? 0;
      const isBeyondGap = ((index - hash) & mask) >= ((index - gap) & mask);
      if (!isBeyondGap) continue;
      hashes[gap] = hash;
      names[gap] = names[index];
      values[gap] = values[index];
      gap = index;
    }
    hashes[gap] = 0;
    names[gap] = undefined;
    values[gap] = undefined;
  }

  #resize(capacity: number): void {
    const { hashes, values } = this;
    this.hashes = new Int32Array(capacity);
    this.#names = emptyArray(capacity);
    this.values = emptyArray(capacity);
    this.mask = capacity - 1;
    this.#size = 0;
    for (const [index, value] of values.entries()) {
      if (value !== undefined) this.#place(value, hashes[index] ?? 0);
    }
  }
}

/**
 * Values by their names, which can be looked up as strings and as the bytes that came in. A Map has
 * to be given a string, works out its hash in a call, has an upper limit of entries, and long pauses
 * when it grows.
 */
export class NameTable<Value extends Named> {
  /** See {@link seedOf}. */
  readonly #seed: number;
  /** Those that too many others are in the way of. */
  readonly #more = new Map<string, Value>();
  readonly #shards: readonly Shard<Value>[] = Array.from(
    { length: shardCount },
    () => new Shard(this.#more),
  );
  #size = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  get size(): number {
    return this.#size;
  }

  get(name: string): Value | undefined {
    const hash = hashOf(name, this.#seed);
    const shard = this.#shardOf(hash);
    const index = shard.indexOf(name, hash);
    return index === -1 ? this.#getFromMore(name) : shard.values[index];
  }

  /** A value whose name has that hash, if one is found: it may be another name's. */
  byHash(hash: number): Value | undefined {
    return this.#shardOf(hash).byHash(hash);
  }

  /** Adds a value whose name is not in the table yet. */
  add(value: Value): void {
    const hash = hashOf(value.name, this.#seed);
    this.#shardOf(hash).add(value, hash);
    this.#size++;
  }

  delete(name: string): void {
    const hash = hashOf(name, this.#seed);
    const shard = this.#shardOf(hash);
    const index = shard.indexOf(name, hash);
    if (index !== -1) shard.deleteAt(index);
    else if (!this.#more.delete(name)) return;
    this.#size--;
  }

  /**
   * All values. Some may be added and deleted meanwhile: what is there all the time comes once, what
   * is gone does not come.
   */
  *values(): Generator<Value> {
    for (const shard of this.#shards) {
      const { changes } = shard;
      for (const value of shard.values.filter((each) => each !== undefined)) {
        if (shard.changes === changes || this.get(value.name) === value) yield value;
      }
    }
    yield* this.#more.values();
  }

  /** The upper bits choose it, the lower ones the place in it. */
  #shardOf(hash: number): Shard<Value> {
    const shard = this.#shards[hash >>> (32 - shardBits)];
    if (shard === undefined) throw new Error(`a hash of more than 32 bits: ${hash}`);
    return shard;
  }

  #getFromMore(name: string): Value | undefined {
    return this.#more.size === 0 ? undefined : this.#more.get(name);
  }
}
