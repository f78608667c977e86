import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import type { RangeOptions, RootDatabase, Transaction } from 'lmdb';
import type { StoredContext } from '../broker/ports.ts';
import { ByteReader } from './bytes.ts';
import { operations } from './changes.ts';
import {
  format,
  formatMeta,
  lowestKey,
  metaKey,
  openDatabases,
  openEnvironment,
  parseMeta,
  sealed,
  Sums,
  syncDirectory,
  unsealed,
} from './lmdb-layout.ts';
import type { Databases, Meta, Owner, RawEntry } from './lmdb-layout.ts';
import { damagedAdvice, isAboutContent, StoreError } from './store-error.ts';

/** Where LMDB's files have this number: behind the header of the first page. */
const magicAt = 24;
const magic = 0xbe_ef_c0_de;

const isLmdb = (file: string): boolean => {
  const handle = openSync(file, 'r');
  try {
    const header = Buffer.alloc(magicAt + 4);
    return readSync(handle, header) === header.length && header.readUInt32LE(magicAt) === magic;
  } finally {
    closeSync(handle);
  }
};

/** The process in a line of LMDB's list of readers. */
const readerPattern = /^\s*(\d+)\s/gmu;

/** A moment of a store, while others may go on writing. */
export interface Snapshot {
  readonly meta: Meta;
  /**
   * All entries in the order of their keys. Throws a StoreError from the first one on that is not as
   * it was written.
   */
  readonly entries: Generator<RawEntry>;
}

/**
 * A store's file: an LMDB environment with a database of entries and one of what is known of them.
 * Each entry has a checksum, and all together have one, since LMDB itself has none. Only the store's
 * own process opens it: reading a damaged file through a memory map may end the process.
 */
export class LmdbFile {
  readonly #file: string;
  readonly #inode: number;
  readonly #root: RootDatabase;
  readonly #databases: Databases;
  readonly #owner: Owner;

  /**
   * Opens a store; a file that is missing or empty becomes one if it may be written.
   *
   * @param use - `resume` is to write what is there, `salvage` takes what is damaged as it is.
   * @throws StoreError, Error of the system if it cannot be opened.
   */
  constructor(file: string, owner: Owner, use: 'write' | 'resume' | 'read' | 'salvage') {
    this.#file = file;
    this.#owner = owner;
    const isReadOnly = use === 'read' || use === 'salvage';
    const isNew = !existsSync(file) || statSync(file).size === 0;
    if (isNew && use !== 'write') throw this.#error('missing', 'is not there');
    // LMDB would make it, for instance where a disk is not mounted.
    if (!existsSync(path.dirname(file))) {
      throw this.#error('unusable', `cannot be made: there is no directory ${path.dirname(file)}`);
    }
    if (!isNew && !isLmdb(file)) throw this.#foreign();
    const inodeBefore = isNew ? undefined : statSync(file).ino;
    this.#root = this.#open(isReadOnly);
    this.#inode = inodeBefore ?? statSync(file).ino;
    this.#databases = this.#openDatabases(!isReadOnly);
    if (isNew) syncDirectory(path.dirname(file));
    if (use !== 'salvage') this.#checkMeta(isReadOnly);
  }

  /** What all entries have in common; `undefined` in a new store. */
  get context(): StoredContext | undefined {
    return this.#meta().context;
  }

  /** How many entries there must be. */
  get count(): number {
    return this.#meta().entries;
  }

  /**
   * Begins to use it, so that nobody else does.
   *
   * @param seen - What it was when it was read. It must be that still.
   * @returns Which run of a node left it in order, if one did.
   * @throws StoreError if another server uses it, or has used it since.
   */
  own(
    isInUse: (other: Owner) => boolean,
    seen: Pick<Meta, 'entries' | 'checksum'>,
  ): string | undefined {
    return this.#take((meta) => {
      const { owner } = meta;
      if (owner !== undefined && isInUse(owner)) throw this.#usedBy(owner);
      this.#checkUnchanged(meta, seen);
    });
  }

  /**
   * Goes on using it, after an earlier process has failed.
   *
   * @throws StoreError if it is not this server's any more.
   */
  ownAgain(): void {
    this.#take(({ owner }) => {
      if (owner?.token !== this.#owner.token) throw this.#lost();
    });
  }

  /** Takes it, if that is right, and tells which run of a node left it in order. */
  #take(check: (meta: Meta) => void): string | undefined {
    const nodeId = this.#root.transactionSync(() => {
      const meta = this.#meta();
      check(meta);
      const { nodeId: before, ...rest } = meta;
      // From now on it is not in order: what others are told may be lost in a crash.
      this.#putMeta({ ...rest, owner: this.#owner });
      return before;
    });
    this.#checkPlace();
    return nodeId;
  }

  #checkUnchanged(now: Meta, seen: Pick<Meta, 'entries' | 'checksum'>): void {
    if (now.entries === seen.entries && now.checksum === seen.checksum) return;
    throw this.#error('in_use', 'was changed by another server just now: try again');
  }

  /** What is written to a file that was moved, or replaced, is lost. */
  #checkPlace(): void {
    if (statSync(this.#file, { throwIfNoEntry: false })?.ino === this.#inode) return;
    throw this.#error('in_use', 'was moved or replaced: restart the server');
  }

  #lost(): StoreError {
    return this.#error('in_use', 'is used by another server now, or was: restart this one');
  }

  /** @throws StoreError if another server uses it. */
  refuseIfOwned(isInUse: (other: Owner) => boolean): void {
    const { owner } = this.#meta();
    if (owner !== undefined && isInUse(owner)) throw this.#usedBy(owner);
  }

  /**
   * Makes sure that nobody uses it, even where it does not say so any more.
   *
   * @throws StoreError if somebody does.
   */
  refuseIfUsed(isInUse: (other: Owner) => boolean): void {
    let owner: Owner | undefined;
    try {
      ({ owner } = this.#meta());
    } catch {
      // That is damaged, too.
    }
    if (owner !== undefined && isInUse(owner)) throw this.#usedBy(owner);
    for (const [, pid] of this.#root.readerList().matchAll(readerPattern)) {
      if (Number(pid) !== process.pid) throw this.#usedByProcess(Number(pid));
    }
  }

  /** It is not used any more. */
  close(): void {
    void this.#root.close();
  }

  /** What is kept at this moment. */
  snapshot(): Snapshot {
    const transaction = this.#root.useReadTransaction();
    const meta = this.#meta(transaction);
    return { meta, entries: this.#entriesOf(meta, transaction) };
  }

  /**
   * All entries from a key on, or from that key down, `undefined` for each that is not as it was
   * written. Throws what LMDB does where it cannot go on.
   */
  *salvaged(from?: Buffer, isReverse = false): Generator<RawEntry | undefined> {
    const range = isReverse
      ? { ...(from !== undefined && { start: from }), end: lowestKey, reverse: true }
      : { start: from ?? lowestKey };
    for (const { key, value } of this.#range(range)) yield unsealed(key, value);
  }

  /**
   * Makes changes, all or none, and returns when they are on the disk.
   *
   * @throws StoreError if another server uses the store, Error of LMDB if it cannot be written.
   */
  save(changes: Uint8Array, context: StoredContext): void {
    this.#checkPlace();
    // What a reader that was killed has seen would be kept for ever. It takes less than 1 µs.
    this.#root.readerCheck();
    this.#root.transactionSync(() => {
      const { owner, entries, checksum, ...meta } = this.#meta();
      if (owner?.token !== this.#owner.token) throw this.#lost();
      const sums = new Sums(entries, checksum);
      const reader = new ByteReader(changes);
      while (!reader.isAtEnd) this.#apply(reader, sums);
      const { entries: count, checksum: sum } = sums;
      this.#putMeta({ ...meta, entries: count, checksum: sum, owner, context });
    });
  }

  /**
   * It is not used any more.
   *
   * @param nodeId - The run of the node, if all that it has told others is kept.
   */
  leave(nodeId: string | undefined): void {
    this.#root.transactionSync(() => {
      const { owner, ...meta } = this.#meta();
      if (owner?.token === this.#owner.token) this.#putMeta({ ...meta, nodeId });
    });
  }

  *#entriesOf({ entries, checksum }: Meta, transaction: Transaction): Generator<RawEntry> {
    const sums = new Sums();
    let lastKey: Buffer | undefined;
    const range = { start: lowestKey, transaction };
    for (const { key, value } of this.#range(range)) {
      const entry = unsealed(key, value);
      // In a damaged file the way may lead back to where it has been.
      const isNext = lastKey === undefined || Buffer.compare(lastKey, key) < 0;
      if (entry === undefined || !isNext) throw this.#damaged();
      lastKey = key;
      sums.add(value);
      yield entry;
    }
    transaction.done();
    if (sums.entries !== entries || sums.checksum !== checksum) {
      throw this.#error(
        'damaged',
        `is damaged, ${sums.entries} of ${entries} entries are there: ${damagedAdvice}`,
      );
    }
  }

  *#range(options: RangeOptions): Generator<{ key: Buffer; value: Buffer }> {
    try {
      yield* this.#databases.entries.getRange(options);
    } catch (error) {
      throw error instanceof StoreError ? error : this.#damaged((error as Error).message);
    }
  }

  #apply(reader: ByteReader, sums: Sums): void {
    const { entries } = this.#databases;
    const operation = reader.u8();
    if (operation === operations.clear) {
      entries.clearSync();
      sums.entries = 0;
      sums.checksum = 0;
      return;
    }
    const key = reader.sizedBytes();
    const before = entries.getBinaryFast(key);
    if (before !== undefined) sums.subtract(before);
    if (operation === operations.forget) {
      if (before !== undefined) entries.removeSync(key);
      return;
    }
    const value = sealed({ key, record: reader.sizedBytes() });
    entries.putSync(key, value);
    sums.add(value);
  }

  #meta(transaction?: Transaction): Meta {
    const { metas, entries } = this.#databases;
    try {
      const bytes = metas.get(metaKey, transaction === undefined ? {} : { transaction });
      if (bytes !== undefined) return parseMeta(bytes);
      if (entries.getCount({ limit: 1 }) === 0) throw this.#foreign();
    } catch (error) {
      throw error instanceof StoreError ? error : this.#damaged((error as Error).message);
    }
    throw this.#damaged();
  }

  #putMeta(meta: Meta): void {
    this.#databases.metas.putSync(metaKey, formatMeta(meta));
  }

  #open(isReadOnly: boolean): RootDatabase {
    try {
      return openEnvironment(this.#file, { readOnly: isReadOnly });
    } catch (error) {
      throw this.#explained(error);
    }
  }

  #openDatabases(canMake: boolean): Databases {
    let databases: Databases | undefined;
    try {
      databases = openDatabases(this.#root, canMake);
    } catch (error) {
      throw this.#explained(error);
    }
    if (databases === undefined) throw this.#foreign();
    return databases;
  }

  #explained(error: unknown): unknown {
    const { message } = error as Error;
    return isAboutContent(message) ? this.#damaged(message) : error;
  }

  #checkMeta(isReadOnly: boolean): void {
    const { metas, entries } = this.#databases;
    if (!isReadOnly && metas.getBinary(metaKey) === undefined) {
      // It was made just now, or its making was interrupted before anything was kept.
      if (entries.getCount({ limit: 1 }) > 0) throw this.#damaged();
      this.#root.transactionSync(() => {
        this.#putMeta({ format, entries: 0, checksum: 0 });
      });
    }
    const { format: found } = this.#meta();
    if (found > format)
      throw this.#error('newer', 'was made by a newer version of clacks: use that');
  }

  #damaged(why?: string): StoreError {
    const reason = why === undefined ? '' : ` (${why})`;
    return this.#error('damaged', `is damaged${reason}: ${damagedAdvice}`);
  }

  #foreign(): StoreError {
    return this.#error('foreign', 'is no store of Clacks: move it away');
  }

  #usedBy({ server }: Owner): StoreError {
    return this.#usedByProcess(server.pid);
  }

  #usedByProcess(pid: number): StoreError {
    return this.#error('in_use', `is used by another server, process ${pid}`);
  }

  #error(problem: StoreError['problem'], what: string): StoreError {
    return StoreError.of(this.#file, problem, what);
  }
}
