import type { StoredEntry } from '../../storage/stored-entry.ts';

/** What became of entries that were imported. */
export interface ImportResult {
  /** How many others are newer, and stay. */
  readonly older: number;
  /** How many names contain a `=`, which the server cannot be told. */
  readonly untellable: number;
  /** How many tombstones were passed over. */
  readonly tombstones: number;
}

/** Where entries are imported into. */
export interface ImportTarget extends AsyncDisposable {
  /** Resolves when it takes more. */
  add(entries: readonly StoredEntry[]): Promise<void>;
  /** There are no more: resolves when all are there, and kept where a store is. */
  finish(): Promise<ImportResult>;
}
