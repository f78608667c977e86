import { accessSync, closeSync, fsyncSync, openSync } from 'node:fs';
import path from 'node:path';
import type { PutOptions, RootDatabase } from 'lmdb';
import type { StoredContext } from '../broker/ports.ts';
import { ByteReader } from './bytes.ts';
import {
  format,
  formatMeta,
  metaKey,
  openDatabases,
  openEnvironment,
  sealed,
  Sums,
} from './lmdb-layout.ts';
import type { Databases } from './lmdb-layout.ts';

/** A database as it is: its types do not know that it tells whether something was put. */
interface Putting {
  putSync(key: Buffer, value: Buffer, options: PutOptions): unknown;
}

const put = (entries: Putting, key: Buffer, value: Buffer, options: PutOptions): boolean =>
  entries.putSync(key, value, options) === true;

/** A store that is being made of the entries of another one. Nobody uses it before it is finished. */
export class NewLmdbFile {
  readonly #file: string;
  readonly #root: RootDatabase;
  readonly #databases: Databases;
  readonly #sums = new Sums();

  /** @throws Error of the system or of LMDB if it cannot be made. */
  constructor(file: string) {
    this.#file = file;
    // LMDB would make directories.
    accessSync(path.dirname(file));
    // It is not there until it is finished: then it is written to the disk as a whole.
    this.#root = openEnvironment(file, { noSync: true });
    const databases = openDatabases(this.#root, true);
    if (databases === undefined) throw new Error(`${file} was not made here`);
    this.#databases = databases;
  }

  /** How many entries it has. */
  get entries(): number {
    return this.#sums.entries;
  }

  /**
   * Adds entries: key and record, their lengths before them. Those that come in the order of their
   * keys leave no gaps. The first one of a key counts.
   */
  add(data: Uint8Array): void {
    const { entries } = this.#databases;
    this.#root.transactionSync(() => {
      const reader = new ByteReader(data);
      while (!reader.isAtEnd) {
        const key = reader.sizedBytes();
        const value = sealed({ key, record: reader.sizedBytes() });
        const isAdded = put(entries, key, value, { append: true });
        if (isAdded || put(entries, key, value, { noOverwrite: true })) this.#sums.add(value);
      }
    });
  }

  /** All entries were added: makes it a store that is on the disk. */
  async finish(context: StoredContext | undefined, nodeId: string | undefined): Promise<void> {
    const { entries, checksum } = this.#sums;
    const meta = formatMeta({ format, entries, checksum, context, nodeId });
    this.#root.transactionSync(() => {
      this.#databases.metas.putSync(metaKey, meta);
    });
    await this.#root.close();
    const handle = openSync(this.#file, 'r+');
    fsyncSync(handle);
    closeSync(handle);
  }
}
