/** V8 holds at most 2^24 entries in one Map. */
const defaultShardLimit = 2 ** 24 - 1;

/** A Map without V8's upper limit of entries: when one is full, another is begun. */
export class LargeMap<Value> {
  readonly #shardLimit: number;
  #first = new Map<string, Value>();
  /** All of them, nearly always just the first. */
  #shards = [this.#first];

  /** @param shardLimit - Entries in one Map; only tests need another than the default. */
  constructor(shardLimit = defaultShardLimit) {
    this.#shardLimit = shardLimit;
  }

  get size(): number {
    return this.#shards.reduce((sum, shard) => sum + shard.size, 0);
  }

  get(key: string): Value | undefined {
    if (this.#shards.length === 1) return this.#first.get(key);
    for (const shard of this.#shards) {
      const value = shard.get(key);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** Sets the value of a key that is not in the map yet. */
  add(key: string, value: Value): void {
    let shard = this.#shards.find(({ size }) => size < this.#shardLimit);
    if (shard === undefined) {
      shard = new Map();
      this.#shards.push(shard);
    }
    shard.set(key, value);
  }

  delete(key: string): void {
    for (const shard of this.#shards) if (shard.delete(key)) return;
  }

  clear(): void {
    this.#first = new Map();
    this.#shards = [this.#first];
  }

  /** All entries. Entries may be added and deleted meanwhile. */
  *entries(): Generator<[string, Value]> {
    for (const shard of this.#shards) yield* shard;
  }
}
