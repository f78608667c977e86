/**
 * A cache entry as files hold it. Name and value are wire strings: one character for each byte,
 * latin1.
 */
export interface StoredEntry {
  readonly name: string;
  /** `undefined` makes the entry a tombstone. */
  readonly value: string | undefined;
  /** Last write, in seconds since 1970, with fraction. */
  readonly cacheTime: number;
  /** Last write or RETRIEVE, likewise; 0 if it is unknown, and for a tombstone. */
  readonly accessTime: number;
}
