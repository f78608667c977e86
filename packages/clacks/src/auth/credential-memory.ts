import { createHmac, randomBytes } from 'node:crypto';

/** How many credentials are remembered unless told otherwise. */
const rememberedMaxDefault = 10_000;

/**
 * Remembers something about credentials. Only a digest of them is kept, under a key that lives in
 * this process's memory alone.
 */
export class CredentialMemory<T> {
  readonly #key = randomBytes(32);
  readonly #max: number;
  /** Who was used last stands last. */
  readonly #known = new Map<string, T>();

  /** @param max - How many are remembered. Beyond that, the longest unused are forgotten. */
  constructor(max = rememberedMaxDefault) {
    this.#max = max;
  }

  /** What stands for credentials; no two different ones have the same. */
  digestOf(...parts: readonly string[]): string {
    const hmac = createHmac('sha256', this.#key);
    for (const part of parts) hmac.update(`${part.length}:${part}`);
    return hmac.digest('base64');
  }

  /** What is known, which counts as a use. */
  get(digest: string): T | undefined {
    const known = this.#known.get(digest);
    if (known !== undefined) this.set(digest, known);
    return known;
  }

  set(digest: string, value: T): void {
    this.#known.delete(digest);
    this.#known.set(digest, value);
    if (this.#known.size <= this.#max) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }

  delete(digest: string): void {
    this.#known.delete(digest);
  }
}
