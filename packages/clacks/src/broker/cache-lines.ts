import { lineEnd } from '@clacks/protocol';
import { hashOfBytes } from './name-table.ts';

export const carriageReturn = 0x0d;
export const lineFeed = 0x0a;
export const equalsSign = 0x3d;

/** What is longer is not read here. No setting makes lines of that length too long. */
export const maxNameLength = 500;
export const maxValueLength = 500;

/** What a line of {@link CacheLines} asks for: one bit each. */
export const retrieve = 1;
export const store = 2;
export const increment = 4;

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');

const retrieveHead = bytesOf('RETRIEVE ');
const storeHead = bytesOf('STORE ');
const incrementHead = bytesOf('INCREMENT ');

const isHeadAt = (bytes: Uint8Array, start: number, head: Uint8Array): boolean => {
  for (let index = 0; index < head.length; index++) {
    if (bytes[start + index] !== head[index]) return false;
  }
  return true;
};

/** What the line asks for that begins there; 0 if it is another one. */
const kindAt = (bytes: Uint8Array, start: number): number => {
  switch (bytes[start]) {
    case retrieveHead[0]:
      return isHeadAt(bytes, start, retrieveHead) ? retrieve : 0;
    case storeHead[0]:
      return isHeadAt(bytes, start, storeHead) ? store : 0;
    case incrementHead[0]:
      return isHeadAt(bytes, start, incrementHead) ? increment : 0;
    default:
      return 0;
  }
};

const headLengthOf = (kind: number): number => {
  if (kind === retrieve) return retrieveHead.length;
  return kind === store ? storeHead.length : incrementHead.length;
};

/** Where the CR LF is that ends the line; -1 if it is too far away, or has a CR or LF besides. */
const endOfLine = (bytes: Uint8Array, from: number): number => {
  const limit = Math.min(bytes.length - 1, from + maxValueLength);
  for (let index = from; index < limit; index++) {
    const byte = bytes[index] ?? 0;
    // Nearly all are greater than both.
    if (byte > carriageReturn) continue;
    if (byte === carriageReturn) return bytes[index + 1] === lineFeed ? index : -1;
    if (byte === lineFeed) return -1;
  }
  return -1;
};

/** Where the `=` is that follows the name; -1 if it is too far away, or there is none in the line. */
const endOfName = (bytes: Uint8Array, from: number): number => {
  const limit = Math.min(bytes.length, from + maxNameLength);
  for (let index = from + 1; index < limit; index++) {
    const byte = bytes[index];
    if (byte === equalsSign) return index;
    if (byte === lineFeed) return -1;
  }
  return -1;
};

/**
 * Some lines about values of the cache, one after the other, as they came in: where their names and
 * values are. Each is made once and filled again and again.
 */
export class CacheLines {
  /** So many at most. */
  static readonly max = 32;
  /** How many there are. */
  length = 0;
  /** What they ask for. */
  readonly kinds = new Uint8Array(CacheLines.max);
  /** Where the names begin and end. */
  readonly nameStarts = new Int32Array(CacheLines.max);
  readonly nameEnds = new Int32Array(CacheLines.max);
  /** Where the lines end, without their line ends. */
  readonly ends = new Int32Array(CacheLines.max);
  /** The hashes of the names: see `NameTable`. */
  readonly hashes = new Int32Array(CacheLines.max);
  /** How many lines were counted of what asks for the same, and their bytes, with line ends. */
  readonly lineCounts = new Float64Array(increment + 1);
  readonly byteCounts = new Float64Array(increment + 1);
  /** Where the first one begins. */
  #start = 0;
  readonly #seed: number;

  /** @param seed - Of the hashes. */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /**
   * Reads the lines that begin there, up to the first one that is none of these.
   *
   * @param most - How many lines to read.
   * @param kinds - A sum of the kinds to read.
   * @returns How many these are.
   */
  read(bytes: Uint8Array, start: number, most: number, kinds: number): number {
    let next = start;
    this.length = 0;
    this.#start = start;
    while (this.length < most && this.#readLine(bytes, next, kinds)) {
      next = (this.ends[this.length] ?? 0) + lineEnd.length;
      this.length++;
    }
    return this.length;
  }

  /**
   * Counts the first ones.
   *
   * @param handled - How many: one at least.
   * @returns Where the line begins that follows them.
   */
  count(handled: number): number {
    const { kinds, ends, lineCounts, byteCounts } = this;
    let start = this.#start;
    for (let index = 0; index < handled;) {
      const first = index;
      const kind = kinds[first] ?? 0;
      // Those of one kind together: mostly all of them.
      do index++;
      while (index < handled && kinds[index] === kind);
      const next = (ends[index - 1] ?? 0) + lineEnd.length;
      lineCounts[kind] = (lineCounts[kind] ?? 0) + index - first;
      byteCounts[kind] = (byteCounts[kind] ?? 0) + next - start;
      start = next;
    }
    return start;
  }

  #readLine(bytes: Uint8Array, start: number, kinds: number): boolean {
    const index = this.length;
    const kind = kindAt(bytes, start);
    if ((kind & kinds) === 0) return false;
    const nameStart = start + headLengthOf(kind);
    const nameEnd = kind === store ? endOfName(bytes, nameStart) : endOfLine(bytes, nameStart);
    if (nameEnd === -1) return false;
    const end = kind === store ? endOfLine(bytes, nameEnd + 1) : nameEnd;
    // With a step there is a `=`, which may be part of a name as well.
    if (end === -1 || (kind === increment && endOfName(bytes, nameStart) !== -1)) return false;
    this.kinds[index] = kind;
    this.nameStarts[index] = nameStart;
    this.nameEnds[index] = nameEnd;
    this.ends[index] = end;
    this.hashes[index] = hashOfBytes(bytes, nameStart, nameEnd, this.#seed);
    return true;
  }
}
