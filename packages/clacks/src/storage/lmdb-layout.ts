import { closeSync, fsyncSync, openSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { open } from 'lmdb';
import type { Database, RootDatabase } from 'lmdb';
import type { StoredContext } from '../broker/ports.ts';

/** What a store knows of itself, as JSON in a database of its own. */
export interface Meta {
  /** Of how the rest is kept. */
  readonly format: number;
  readonly entries: number;
  /** The sum of all checksums, modulo 2^32: whether no entry is missing shows by it. */
  readonly checksum: number;
  readonly context?: StoredContext | undefined;
  /** Who uses it. */
  readonly owner?: Owner | undefined;
  /** Which run of a node left it in order. */
  readonly nodeId?: string | undefined;
}

/** A process. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in ticks since the machine did: pids are used again. */
  readonly startedAt: string | undefined;
}

/** Who uses a store. */
export interface Owner {
  /** The server. */
  readonly server: ProcessIdentity;
  /** The process that it lets read and write the file. */
  readonly process: ProcessIdentity;
  /** A name for this use of it. */
  readonly token: string;
}

/** An entry as it is in the file. */
export interface RawEntry {
  readonly key: Buffer;
  readonly record: Buffer;
}

/** The databases of a store. */
export interface Databases {
  readonly entries: Database<Buffer, Buffer>;
  readonly metas: Database<Buffer, Buffer>;
}

/** How stores are kept, by this version. */
export const format = 1;

/** Under which key a store keeps what it knows of itself. */
export const metaKey = Buffer.from('clacks');

/** Before every key. LMDB's own idea of the first key is another one. */
export const lowestKey = Buffer.from([0]);

const checksumBytes = 4;
const two32 = 2 ** 32;

/** The checksum of an entry. */
const checksumOf = ({ key, record }: RawEntry): number => crc32(record, crc32(key));

/** The value of an entry in the file: its checksum, and its record. */
export const sealed = (entry: RawEntry): Buffer => {
  const { record } = entry;
  const value = Buffer.allocUnsafe(checksumBytes + record.length);
  value.writeUInt32LE(checksumOf(entry));
  value.set(record, checksumBytes);
  return value;
};

/** The entry of a key and a value of the file; `undefined` if they are not as they were written. */
export const unsealed = (key: Buffer, value: Buffer): RawEntry | undefined => {
  const entry = { key, record: value.subarray(checksumBytes) };
  const isWhole = value.length > checksumBytes && value.readUInt32LE() === checksumOf(entry);
  return isWhole ? entry : undefined;
};

/** The checksum that a value of the file bears. */
const sealOf = (value: Buffer): number => value.readUInt32LE();

/** Counts entries, and sums up their checksums. */
export class Sums {
  entries: number;
  checksum: number;

  constructor(entries = 0, checksum = 0) {
    this.entries = entries;
    this.checksum = checksum;
  }

  /** A value of the file has come. */
  add(value: Buffer): void {
    this.entries++;
    this.checksum = (this.checksum + sealOf(value)) % two32;
  }

  /** A value of the file has gone. */
  subtract(value: Buffer): void {
    this.entries--;
    this.checksum = (this.checksum + two32 - sealOf(value)) % two32;
  }
}

/** Opens the environment of a store. Throws what LMDB does. */
export const openEnvironment = (
  file: string,
  how: { readonly readOnly?: boolean; readonly noSync?: boolean },
): RootDatabase =>
  // A commit is on the disk when it returns.
  open({ path: file, noSubdir: true, maxDbs: 2, overlappingSync: false, ...how });

/**
 * Opens the databases of a store.
 *
 * @param canMake - Whether to make those that are missing, where nothing was kept yet.
 * @returns `undefined` if they are not there.
 */
export const openDatabases = (root: RootDatabase, canMake: boolean): Databases | undefined => {
  const { entryCount } = root.getStats() as { entryCount: number };
  const openOne = (name: string, create: boolean): Database<Buffer, Buffer> | undefined =>
    // What it has no type for: without `create` a database that is missing is none.
    root.openDB<Buffer, Buffer>({
      name,
      encoding: 'binary',
      keyEncoding: 'binary',
      cache: false,
      ...({ create } as object),
    });
  const entries = openOne('entries', canMake && entryCount === 0);
  // Making them may have been interrupted between the two.
  const isUnfinished = entryCount <= 1 && entries?.getCount({ limit: 1 }) === 0;
  const metas = openOne('meta', canMake && isUnfinished);
  return entries === undefined || metas === undefined ? undefined : { entries, metas };
};

/** The numbers that JSON has no words for. */
const infinite = (value: unknown): unknown => (value === null ? -Infinity : value);

/** Reads what a store knows of itself. Throws SyntaxError if that is nothing. */
export const parseMeta = (bytes: Buffer): Meta => {
  const { context, ...meta } = JSON.parse(bytes.toString('utf8')) as Meta;
  if (context === undefined) return meta;
  const cleared = {
    timeUs: infinite(context.cleared.timeUs) as number,
    stampUs: infinite(context.cleared.stampUs) as number,
  };
  return { ...meta, context: { ...context, cleared } };
};

/** Writes it. */
export const formatMeta = (meta: Meta): Buffer => Buffer.from(JSON.stringify(meta), 'utf8');

/** Makes sure that the names in a directory are on the disk. */
export const syncDirectory = (directory: string): void => {
  const handle = openSync(directory, 'r');
  fsyncSync(handle);
  closeSync(handle);
};
