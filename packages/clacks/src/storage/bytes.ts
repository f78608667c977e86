/** Writes one thing behind the other into a buffer that grows. Strings are wire strings. */
export class ByteWriter {
  readonly #sizeBytes: number;
  #bytes: Buffer;
  #length = 0;

  /** @param sizeBytes - What is likely to be enough. */
  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
    this.#bytes = Buffer.allocUnsafe(sizeBytes);
  }

  /** How many bytes were written. */
  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    const start = this.#room(1);
    this.#bytes.writeUInt8(value, start);
  }

  u32(value: number): void {
    const start = this.#room(4);
    this.#bytes.writeUInt32LE(value, start);
  }

  f64(value: number): void {
    const start = this.#room(8);
    this.#bytes.writeDoubleLE(value, start);
  }

  wire(value: string): void {
    const start = this.#room(value.length);
    this.#bytes.write(value, start, 'latin1');
  }

  bytes(value: Uint8Array): void {
    const start = this.#room(value.length);
    this.#bytes.set(value, start);
  }

  /** A wire string, its length before it. */
  sizedWire(value: string): void {
    this.u32(value.length);
    this.wire(value);
  }

  /** Bytes, their number before them. */
  sizedBytes(value: Uint8Array): void {
    this.u32(value.length);
    this.bytes(value);
  }

  /** Leaves room for a length that is known later; see {@link fill}. */
  gap(): number {
    return this.#room(4);
  }

  /** Writes into a {@link gap} how many bytes have followed it. */
  fill(gap: number): void {
    this.#bytes.writeUInt32LE(this.#length - gap - 4, gap);
  }

  /** What was written. It is overwritten when the writer goes on after {@link clear}. */
  take(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Begins anew, and gives back what was more than is likely to be enough. */
  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > 2 * this.#sizeBytes) this.#bytes = Buffer.allocUnsafe(this.#sizeBytes);
  }

  #room(bytes: number): number {
    const start = this.#length;
    this.#length += bytes;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length));
      this.#bytes.copy(larger, 0, 0, start);
      this.#bytes = larger;
    }
    return start;
  }
}

/** Reads what a {@link ByteWriter} has written. */
export class ByteReader {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Whether all was read. */
  get isAtEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  /** How many bytes are left. */
  get rest(): number {
    return this.#bytes.length - this.#position;
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#step(1));
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.#step(4));
  }

  f64(): number {
    return this.#bytes.readDoubleLE(this.#step(8));
  }

  /** @throws RangeError if there are not so many bytes left. */
  wire(length: number): string {
    const start = this.#step(length);
    return this.#bytes.toString('latin1', start, start + length);
  }

  /** @throws RangeError if there are not so many bytes left. */
  bytes(length: number): Buffer {
    const start = this.#step(length);
    return this.#bytes.subarray(start, start + length);
  }

  sizedWire(): string {
    return this.wire(this.u32());
  }

  sizedBytes(): Buffer {
    return this.bytes(this.u32());
  }

  #step(bytes: number): number {
    const start = this.#position;
    if (bytes > this.rest) throw new RangeError('a record is shorter than it says');
    this.#position += bytes;
    return start;
  }
}
