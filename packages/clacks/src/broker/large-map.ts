/** V8 holds at most 2^24 entries in one Map. */
const defaultMapLimit = 2 ** 24 - 1;

/**
 * Maps that share the entries. A Map that grows moves all of its entries at once: with a million of
 * them that would hold up everybody for a tenth of a second.
 */
const mapCount = 64;

/**
 * Which map a key is in: by some of its characters, wherever those are in which names that are alike
 * differ. All of them would cost 25 ns more on names of 20.
 */
const indexOf = (key: string): number => {
  const { length } = key;
  const step = 1 + (length >> 4);
  let hash = length;
  for (let index = length - 1; index >= 0; index -= step) {
    hash = (Math.imul(hash, 31) + key.charCodeAt(index)) | 0;
  }
  return (hash ^ (hash >>> 15)) & (mapCount - 1);
};

const newMaps = <Value>(): Map<string, Value>[] =>
  Array.from({ length: mapCount }, () => new Map<string, Value>());

/** A Map without V8's upper limit of entries, and without long pauses when it grows. */
export class LargeMap<Value> {
  readonly #mapLimit: number;
  readonly #maps: readonly Map<string, Value>[] = newMaps();
  /** For keys whose map is full. */
  readonly #more: Map<string, Value>[] = [];
  #size = 0;

  /** @param mapLimit - Entries in one Map; only tests need another than the default. */
  constructor(mapLimit = defaultMapLimit) {
    this.#mapLimit = mapLimit;
  }

  get size(): number {
    return this.#size;
  }

  get(key: string): Value | undefined {
    const value = this.#maps[indexOf(key)]?.get(key);
    if (value !== undefined || this.#more.length === 0) return value;
    return this.#more.find((map) => map.has(key))?.get(key);
  }

  /** Sets the value of a key that is not in the map yet. */
  add(key: string, value: Value): void {
    let map = this.#maps[indexOf(key)];
    if (map === undefined || map.size >= this.#mapLimit) map = this.#roomy();
    map.set(key, value);
    this.#size++;
  }

  delete(key: string): void {
    if (this.#maps[indexOf(key)]?.delete(key) === true || this.#deleteFromMore(key)) this.#size--;
  }

  /** All values. Some may be added and deleted meanwhile. */
  *values(): Generator<Value> {
    for (const map of this.#maps) yield* map.values();
    for (const map of this.#more) yield* map.values();
  }

  #deleteFromMore(key: string): boolean {
    return this.#more.some((map) => map.delete(key));
  }

  #roomy(): Map<string, Value> {
    const roomy = this.#more.find(({ size }) => size < this.#mapLimit);
    if (roomy !== undefined) return roomy;
    const map = new Map<string, Value>();
    this.#more.push(map);
    return map;
  }
}
