import { readFile, stat } from 'node:fs/promises';
import type { CacheEntry } from '../broker/ports.ts';
import { PerlFileError } from './perl-file-error.ts';
import { isPerlFile, readPerlFile } from './perl-file.ts';
import { StoreError } from './store-error.ts';
import type { StoredEntry } from './stored-entry.ts';

const microsPerSecond = 1_000_000;

/**
 * An entry of a file as one of the cache.
 *
 * @param nowS - When entries count as read of which that is not known, in seconds since 1970.
 */
export const toCacheEntry = (
  { name, value, cacheTime, accessTime }: StoredEntry,
  nowS: number,
): CacheEntry => ({
  name,
  value,
  cacheTimeUs: Math.round(cacheTime * microsPerSecond),
  accessedAfterS: value === undefined ? 0 : Math.round((accessTime || nowS) - cacheTime),
  stampShiftMs: 0,
  counter: undefined,
});

/** What Net::Clacks calls the copies that it makes of its file before it writes it anew. */
const backupSuffixes = ['', '_bck', '_'];

/** What was found of Net::Clacks' cache. */
export interface PerlCache {
  /** The file: the persistence file, or a backup of it. */
  readonly file: string;
  readonly entries: readonly StoredEntry[];
  /** What is wrong with those that were tried before. */
  readonly problems: readonly string[];
}

const readIfThere = async (file: string): Promise<Buffer | undefined> => {
  try {
    if (!(await stat(file)).isFile()) {
      throw new Error('it is no regular file: name another one in <persistancefile>');
    }
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new StoreError('unusable', `${file} cannot be read: ${(error as Error).message}.`);
  }
};

/**
 * Reads the cache that Net::Clacks has kept in a file, or in a backup if that is torn.
 *
 * @returns `undefined` if there is no such file.
 * @throws StoreError if there is one that is not Net::Clacks', or all of them are torn.
 */
export const readPerlCache = async (persistenceFile: string): Promise<PerlCache | undefined> => {
  const problems: string[] = [];
  for (const suffix of backupSuffixes) {
    const file = persistenceFile + suffix;
    const bytes = await readIfThere(file);
    if (bytes === undefined || bytes.length === 0) continue;
    if (suffix === '' && !isPerlFile(bytes)) {
      const advice = 'name another file in <persistancefile>, or move this one away';
      throw new StoreError('foreign', `${file} is no persistence file of Net::Clacks: ${advice}.`);
    }
    try {
      return { file, entries: readPerlFile(bytes, file), problems };
    } catch (error) {
      if (!(error instanceof PerlFileError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length === 0) return undefined;
  const advice = 'mend the file, or move it and its backups away to begin with an empty cache';
  throw new StoreError(
    'damaged',
    `Net::Clacks' cache cannot be read: ${problems.join('; ')}; ${advice}.`,
  );
};
