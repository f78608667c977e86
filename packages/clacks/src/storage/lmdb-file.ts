import { closeSync, existsSync, fsyncSync, openSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { open } from 'lmdb';
import type { Database, RootDatabase } from 'lmdb';
import type { StoredContext } from '../broker/ports.ts';
import { ByteReader } from './bytes.ts';
import { operations } from './changes.ts';
import { damagedAdvice, isAboutContent, StoreError } from './store-error.ts';

/** What a store knows of itself, as JSON in a database of its own. */
interface Meta {
  /** Of how the rest is kept. */
  readonly format: number;
  readonly entries: number;
  /** The sum of all checksums, modulo 2^32: whether no entry is missing shows by it. */
  readonly checksum: number;
  readonly context?: StoredContext;
  /** Who uses it. */
  readonly owner?: Owner;
  /** Which run of a node left it in order. */
  readonly nodeId?: string | undefined;
}

/** A process, and its use of the store. */
interface Owner {
  readonly pid: number;
  /** When the process started, in ticks since the machine did: pids are used again. */
  readonly startedAt: string | undefined;
  readonly token: string;
}

/** An entry as it is in the file. */
export interface RawEntry {
  readonly key: Buffer;
  readonly record: Buffer;
}

const format = 1;
const metaKey = Buffer.from('clacks');
/** Where LMDB's files have this number: behind the header of the first page. */
const magicAt = 24;
const magic = 0xbe_ef_c0_de;
const checksumBytes = 4;
const two32 = 2 ** 32;

const isLmdb = (file: string): boolean => {
  const handle = openSync(file, 'r');
  try {
    const header = Buffer.alloc(magicAt + 4);
    return readSync(handle, header) === header.length && header.readUInt32LE(magicAt) === magic;
  } finally {
    closeSync(handle);
  }
};

const syncDirectory = (directory: string): void => {
  const handle = openSync(directory, 'r');
  fsyncSync(handle);
  closeSync(handle);
};

const checksumOf = (key: Uint8Array, record: Uint8Array): number => crc32(record, crc32(key));

/** The numbers that JSON has no words for. */
const infinite = (value: unknown): unknown => (value === null ? -Infinity : value);

/**
 * A store's file: an LMDB environment with a database of entries and one of what is known of them.
 * Each entry has a checksum, and all together have one, since LMDB itself has none. Only the store's
 * own process opens it: reading a damaged file through a memory map may end the process.
 */
export class LmdbFile {
  readonly #file: string;
  readonly #root: RootDatabase;
  readonly #entries: Database<Buffer, Buffer>;
  readonly #metas: Database<Buffer, Buffer>;
  readonly #owner: Owner;

  /**
   * Opens a store; a file that is missing or empty becomes one if it may be written.
   *
   * @param use - `salvage` takes what is damaged as it is.
   * @throws StoreError, Error of the system if it cannot be opened.
   */
  constructor(file: string, owner: Owner, use: 'write' | 'read' | 'salvage') {
    this.#file = file;
    this.#owner = owner;
    const isReadOnly = use !== 'write';
    const isNew = !existsSync(file) || statSync(file).size === 0;
    if (isNew && isReadOnly) throw this.#error('missing', 'is not there');
    if (!isNew && !isLmdb(file))
      throw this.#error('foreign', 'is no store of Clacks: move it away');
    const encodings = { encoding: 'binary', keyEncoding: 'binary', cache: false } as const;
    this.#root = this.#open(isReadOnly);
    if (!isNew && use !== 'salvage') this.#checkLength();
    this.#entries = this.#root.openDB({ name: 'entries', ...encodings });
    this.#metas = this.#root.openDB({ name: 'meta', ...encodings });
    if (isNew) syncDirectory(path.dirname(file));
    if (use !== 'salvage') this.#checkMeta(isReadOnly);
  }

  /** What all entries have in common; `undefined` in a new store. */
  get context(): StoredContext | undefined {
    return this.#meta.context;
  }

  /** How many entries there must be. */
  get count(): number {
    return this.#meta.entries;
  }

  /**
   * Begins to use it, so that nobody else does.
   *
   * @returns Which run of a node left it in order, if one did.
   * @throws StoreError if another server uses it.
   */
  own(isInUse: (other: Owner) => boolean): string | undefined {
    return this.#root.transactionSync(() => {
      const { owner, nodeId, ...meta } = this.#meta;
      if (owner !== undefined && owner.token !== this.#owner.token && isInUse(owner)) {
        throw this.#error('in_use', `is used by another server, process ${owner.pid}`);
      }
      // From now on it is not in order: what others are told may be lost in a crash.
      this.#putMeta({ ...meta, owner: this.#owner });
      return nodeId;
    });
  }

  /** It is not used any more. */
  close(): void {
    void this.#root.close();
  }

  /**
   * All entries.
   *
   * @throws StoreError, from the first one on that is not as it was written.
   */
  *entries(): Generator<RawEntry> {
    const { entries, checksum } = this.#meta;
    let [count, sum] = [0, 0];
    for (const entry of this.salvaged()) {
      if (entry === undefined) throw this.#error('damaged', `is damaged: ${damagedAdvice}`);
      count++;
      sum = (sum + checksumOf(entry.key, entry.record)) % two32;
      yield entry;
    }
    if (count !== entries || sum !== checksum) {
      throw this.#error(
        'damaged',
        `is damaged, ${count} of ${entries} entries are there: ${damagedAdvice}`,
      );
    }
  }

  /** All entries from a key on, `undefined` for each that is not as it was written. */
  *salvaged(fromKey?: Buffer): Generator<RawEntry | undefined> {
    const range = fromKey === undefined || fromKey.length === 0 ? {} : { start: fromKey };
    for (const { key, value } of this.#entries.getRange(range)) {
      const record = value.subarray(checksumBytes);
      const isWhole =
        value.length > checksumBytes && value.readUInt32LE() === checksumOf(key, record);
      yield isWhole ? { key, record } : undefined;
    }
  }

  /**
   * Makes changes, all or none, and returns when they are on the disk.
   *
   * @throws StoreError if another server uses the store, Error of LMDB if it cannot be written.
   */
  save(changes: Uint8Array, context: StoredContext): void {
    this.#root.transactionSync(() => {
      const { owner, entries, checksum, ...meta } = this.#meta;
      if (owner?.token !== this.#owner.token) {
        throw this.#error('in_use', 'is used by another server now');
      }
      const sums = { entries, checksum };
      const reader = new ByteReader(changes);
      while (!reader.isAtEnd) this.#apply(reader, sums);
      this.#putMeta({ ...meta, ...sums, owner, context });
    });
  }

  /**
   * It is not used any more.
   *
   * @param nodeId - The run of the node, if all that it has told others is kept.
   */
  leave(nodeId: string | undefined): void {
    this.#root.transactionSync(() => {
      const { owner, ...meta } = this.#meta;
      if (owner?.token === this.#owner.token) this.#putMeta({ ...meta, nodeId });
    });
  }

  /** Copies what is kept to another file, without gaps, while others may go on writing. */
  async copyTo(file: string): Promise<void> {
    await this.#root.backup(file, true);
    const handle = openSync(file, 'r+');
    fsyncSync(handle);
    closeSync(handle);
    syncDirectory(path.dirname(file));
  }

  #apply(reader: ByteReader, sums: { entries: number; checksum: number }): void {
    const operation = reader.u8();
    if (operation === operations.clear) {
      this.#entries.clearSync();
      sums.entries = 0;
      sums.checksum = 0;
      return;
    }
    const key = reader.sizedBytes();
    const before = this.#entries.getBinaryFast(key);
    if (before !== undefined) {
      sums.entries--;
      sums.checksum = (sums.checksum + two32 - before.readUInt32LE()) % two32;
    }
    if (operation === operations.forget) {
      if (before !== undefined) this.#entries.removeSync(key);
      return;
    }
    const record = reader.sizedBytes();
    const checksum = checksumOf(key, record);
    const value = Buffer.allocUnsafe(checksumBytes + record.length);
    value.writeUInt32LE(checksum);
    value.set(record, checksumBytes);
    this.#entries.putSync(key, value);
    sums.entries++;
    sums.checksum = (sums.checksum + checksum) % two32;
  }

  get #meta(): Meta {
    const bytes = this.#metas.getBinary(metaKey);
    if (bytes === undefined) throw this.#error('foreign', 'is no store of Clacks: move it away');
    const { context, ...meta } = JSON.parse(bytes.toString('utf8')) as Meta;
    if (context === undefined) return meta;
    const cleared = {
      timeUs: infinite(context.cleared.timeUs) as number,
      stampUs: infinite(context.cleared.stampUs) as number,
    };
    return { ...meta, context: { ...context, cleared } };
  }

  #putMeta(meta: Meta): void {
    this.#metas.putSync(metaKey, Buffer.from(JSON.stringify(meta), 'utf8'));
  }

  #open(isReadOnly: boolean): RootDatabase {
    try {
      return open({
        path: this.#file,
        noSubdir: true,
        readOnly: isReadOnly,
        maxDbs: 2,
        // A commit is on the disk when it returns.
        overlappingSync: false,
      });
    } catch (error) {
      const { message } = error as Error;
      if (!isAboutContent(message)) throw error;
      throw this.#error('damaged', `is damaged (${message}): ${damagedAdvice}`);
    }
  }

  /** LMDB would read what is missing through the memory map, which ends the process. */
  #checkLength(): void {
    const { pageSize, lastPageNumber } = this.#root.getStats() as Record<string, number>;
    const expected = (pageSize ?? 0) * ((lastPageNumber ?? 0) + 1);
    const { size } = statSync(this.#file);
    if (size < expected) {
      throw this.#error(
        'damaged',
        `is cut off, ${size} of ${expected} bytes are there: ${damagedAdvice}`,
      );
    }
  }

  #checkMeta(isReadOnly: boolean): void {
    if (this.#metas.getBinary(metaKey) === undefined && !isReadOnly) {
      // It was made just now, or its making was interrupted before anything was kept.
      if (this.#entries.getCount({ limit: 1 }) > 0) {
        throw this.#error('damaged', `is damaged: ${damagedAdvice}`);
      }
      this.#root.transactionSync(() => {
        this.#putMeta({ format, entries: 0, checksum: 0 });
      });
    }
    const { format: found } = this.#meta;
    if (found > format)
      throw this.#error('newer', 'was made by a newer version of clacks: use that');
  }

  #error(problem: StoreError['problem'], what: string): StoreError {
    return StoreError.of(this.#file, problem, what);
  }
}
