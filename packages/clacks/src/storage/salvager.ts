import { ByteReader, ByteWriter } from './bytes.ts';
import type { StoreInfo } from './messages.ts';
import { keysAbove, keysBelow } from './neighbours.ts';
import { StoreError } from './store-error.ts';
import { salvageStore } from './store-reading.ts';

/** So many processes look for what can be read. Each takes some 100 ms. */
const maxAttempts = 2000;

/** How the reading of a part of a damaged file has ended. */
interface Part {
  /** The last key that was read; `undefined` if none was. */
  readonly lastKey: Buffer | undefined;
  /** Whether there is nothing behind it. */
  readonly isWhole: boolean;
}

type Direction = 'up' | 'down';

/** Whether a key comes later on the way than another one. */
const isLater = (key: Buffer, other: Buffer, direction: Direction): boolean =>
  direction === 'up' ? Buffer.compare(key, other) > 0 : Buffer.compare(key, other) < 0;

/**
 * Reads a damaged store piece by piece, around what cannot be read: first from its beginning up, then
 * from its end down, since behind a damaged place the way goes on only where a key is found that is
 * there. Entries may come twice.
 */
export class Salvager {
  /** What the store says of itself, if it does. */
  info: StoreInfo | undefined;
  readonly #file: string;
  readonly #add: (data: Uint8Array) => Promise<void>;
  readonly #bytes = new ByteWriter(1024);
  #attempts = 0;
  /** Why what was read cannot be kept. */
  #failure: Error | undefined;

  /** @param add - Keeps entries: key and record, their lengths before them. */
  constructor(file: string, add: (data: Uint8Array) => Promise<void>) {
    this.#file = file;
    this.#add = add;
  }

  /**
   * Reads all that can be read.
   *
   * @throws StoreError if the store is in use or another file, or what was read cannot be kept.
   */
  async readAll(): Promise<void> {
    await this.#readAround('up');
    await this.#readAround('down');
  }

  async #readAround(direction: Direction): Promise<void> {
    const keysBehind = direction === 'up' ? keysAbove : keysBelow;
    let part = await this.#readOn(undefined, direction);
    while (!part.isWhole && part.lastKey !== undefined) {
      let next: Part = { lastKey: undefined, isWhole: true };
      for (const key of keysBehind(part.lastKey)) {
        if (this.#attempts >= maxAttempts) return;
        next = await this.#readOn(key, direction);
        if (next.lastKey !== undefined || next.isWhole) break;
      }
      part = next;
    }
  }

  /**
   * Reads from a key on up to where it cannot go on: at first a lot at a time, then one by one, since
   * what was read may be lost with the process.
   */
  async #readOn(from: Buffer | undefined, direction: Direction): Promise<Part> {
    const coarse = await this.#read(from, direction, false);
    if (coarse.isWhole) return coarse;
    const careful = await this.#read(coarse.lastKey ?? from, direction, true);
    return { lastKey: careful.lastKey ?? coarse.lastKey, isWhole: careful.isWhole };
  }

  async #read(from: Buffer | undefined, direction: Direction, isCareful: boolean): Promise<Part> {
    this.#attempts++;
    let lastKey: Buffer | undefined;
    const part = { from: from?.toString('base64'), isReverse: direction === 'down', isCareful };
    try {
      await salvageStore(this.#file, part, {
        opened: (info) => {
          this.info ??= info;
        },
        entries: async (data) => {
          lastKey = await this.#take(data, lastKey, direction);
        },
      });
      return { lastKey, isWhole: true };
    } catch (error) {
      this.#throwUnlessDamaged(error);
      return { lastKey, isWhole: false };
    }
  }

  async #take(
    data: Uint8Array,
    before: Buffer | undefined,
    direction: Direction,
  ): Promise<Buffer | undefined> {
    const reader = new ByteReader(data);
    let lastKey = before;
    this.#bytes.clear();
    while (!reader.isAtEnd) {
      const [key, record] = [reader.sizedBytes(), reader.sizedBytes()];
      // In a damaged file the way may lead back to where it has been.
      if (lastKey !== undefined && !isLater(key, lastKey, direction)) break;
      lastKey = Buffer.from(key);
      this.#bytes.sizedBytes(key);
      this.#bytes.sizedBytes(record);
    }
    try {
      if (this.#bytes.length > 0) await this.#add(this.#bytes.take());
    } catch (error) {
      this.#failure = error as Error;
      throw error;
    }
    if (!reader.isAtEnd) throw StoreError.of(this.#file, 'damaged', 'is out of order');
    return lastKey;
  }

  #throwUnlessDamaged(error: unknown): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (!(error instanceof StoreError) || error.problem !== 'damaged') throw error;
  }
}
