import { access, constants, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { ServerConfig } from '../../config/schema.ts';
import { lockFileOf, storeFileOf } from '../../storage/store-file.ts';
import { exists } from '../private-files.ts';
import { Check, reasonOf } from './finding.ts';
import type { Finding } from './finding.ts';

const mebibyte = 1024 * 1024;
/** Free space below which changes may soon not be kept any more, or not for long, in bytes. */
const failBytes = 64 * mebibyte;
const warnBytes = 1024 * mebibyte;

const inMib = (bytes: number): string => `${Math.floor(bytes / mebibyte)} MiB`;

const checkRights = async (check: Check, store: string): Promise<void> => {
  const directory = path.dirname(store);
  try {
    await access(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    check.fail(
      `the cache cannot be kept in ${directory}: ${reasonOf(error)}`,
      isMissing ? `make it: mkdir -p ${directory}` : 'let the user of the server write there',
    );
    return;
  }
  const files = [store, lockFileOf(store)];
  for (const file of files) {
    if (!(await exists(file))) continue;
    try {
      await access(file, constants.R_OK | constants.W_OK);
    } catch (error) {
      check.fail(`${file}: ${reasonOf(error)}`, 'let the user of the server read and write it');
      return;
    }
  }
  check.ok(`${directory} can be written`);
};

const checkOwner = async (check: Check, directory: string): Promise<void> => {
  if (process.getuid?.() !== 0) return;
  const { uid } = await stat(directory);
  if (uid === 0) return;
  check.warn(
    `root may write everywhere, but ${directory} is of the user ${uid}`,
    `look as that user: sudo -u '#${uid}' clacks doctor …`,
  );
};

const checkSpace = async (check: Check, store: string): Promise<void> => {
  const directory = path.dirname(store);
  const { bavail, bsize } = await statfs(directory);
  const freeBytes = bavail * bsize;
  const storeBytes = (await exists(store)) ? (await stat(store)).size : 0;
  const free = `${inMib(freeBytes)} are free in ${directory}`;
  const mend = 'make room there, or move the cache to a larger disk';
  if (freeBytes < failBytes) check.fail(`only ${free}`, mend);
  else if (freeBytes < warnBytes) check.warn(`only ${free}`, mend);
  else if (freeBytes < storeBytes) {
    check.warn(`${free}, less than the ${inMib(storeBytes)} of the cache for a backup`, mend);
  } else check.ok(free);
};

/** Looks at where the cache is kept, if it is. */
export const checkDataDirectory = async ({
  persistenceFile,
}: ServerConfig): Promise<readonly Finding[]> => {
  const check = new Check('data directory');
  if (persistenceFile === undefined) {
    check.ok('the cache is kept in memory only: there is no <persistancefile>');
    return check.findings;
  }
  const store = path.resolve(storeFileOf(persistenceFile));
  const directory = path.dirname(store);
  await checkRights(check, store);
  if (!(await exists(directory))) return check.findings;
  await checkOwner(check, directory);
  await checkSpace(check, store);
  return check.findings;
};
