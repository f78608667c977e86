import type { Source } from './traffic.ts';

/**
 * Compares every byte with what must come: what each source sends, in its order, again and again,
 * and between them in any order. The sources' messages differ from each other.
 */
export class Verifier {
  readonly #sources: readonly Source[];
  readonly #noise: Buffer;
  readonly #next: number[];
  #rest: Buffer = Buffer.alloc(0);
  /** What was wrong first. */
  fault: string | undefined;
  messages = 0;

  constructor(sources: readonly Source[], noise = '') {
    this.#sources = sources.filter((source) => source.length > 0);
    this.#noise = Buffer.from(noise, 'latin1');
    this.#next = this.#sources.map(() => 0);
  }

  /** Takes what was received. */
  push(chunk: Buffer): void {
    if (this.fault !== undefined) return;
    const bytes = Buffer.concat([this.#rest, chunk]);
    let position = 0;
    for (;;) {
      const length = this.#match(bytes, position);
      if (length === 0) break;
      position += length;
    }
    this.#rest = Buffer.from(bytes.subarray(position));
    const isStart = this.#expected().some(
      (expected) =>
        this.#rest.length < expected.length &&
        expected.subarray(0, this.#rest.length).equals(this.#rest),
    );
    if (!isStart) this.fault = `unexpected: ${this.#rest.toString('latin1', 0, 100)}`;
  }

  /** Whether it ended behind a message. */
  get isWhole(): boolean {
    return this.#rest.length === 0;
  }

  #expected(): Buffer[] {
    const empty = Buffer.alloc(0);
    const heads = this.#sources.map((source, index) => source[this.#next[index] ?? 0] ?? empty);
    return this.#noise.length > 0 ? [...heads, this.#noise] : heads;
  }

  #match(bytes: Buffer, position: number): number {
    for (const [index, source] of this.#sources.entries()) {
      const next = this.#next[index] ?? 0;
      const message = source[next];
      if (message === undefined || !startsWith(bytes, position, message)) continue;
      this.#next[index] = (next + 1) % source.length;
      this.messages++;
      return message.length;
    }
    return this.#noise.length > 0 && startsWith(bytes, position, this.#noise)
      ? this.#noise.length
      : 0;
  }
}

const startsWith = (bytes: Buffer, position: number, message: Buffer): boolean =>
  position + message.length <= bytes.length &&
  bytes.compare(message, 0, message.length, position, position + message.length) === 0;
