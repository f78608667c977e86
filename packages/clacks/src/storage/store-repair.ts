import { link, rename } from 'node:fs/promises';
import { NewStore } from './new-store.ts';
import { Salvager } from './salvager.ts';
import { StoreError } from './store-error.ts';
import { checkStore } from './store-tasks.ts';
import type { StoreContents } from './store-tasks.ts';

/** What {@link repairStore} did. */
export type Repair =
  /** Nothing: all is as it was written. */
  | { readonly kind: 'intact'; readonly contents: StoreContents }
  | {
      readonly kind: 'repaired';
      readonly contents: StoreContents;
      /** How many entries there were, if that is known. */
      readonly entriesBefore: number | undefined;
      /** Where the damaged file is now. */
      readonly damagedFile: string;
    };

/** A time as it stands in the names of files: `20261124T230501Z`. */
const formatTime = (timeMs: number): string =>
  new Date(timeMs).toISOString().replace(/[-:]|\.\d+/gu, '');

const contentsIfIntact = async (file: string): Promise<StoreContents | undefined> => {
  try {
    return await checkStore(file);
  } catch (error) {
    if (error instanceof StoreError && error.problem === 'damaged') return undefined;
    throw error;
  }
};

/** Keeps a file under another name, too, so that at every moment there is one to begin with. */
const keepAs = async (file: string, name: string): Promise<void> => {
  try {
    await link(file, name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new StoreError('unusable', `${name} is there already.`);
    // Not all file systems know two names for a file.
    await rename(file, name);
  }
};

/**
 * Makes a new store of what can be read of a damaged one, which stays under another name. The run of
 * the node does not go on with it: it does not know all that it has told others.
 *
 * @param nowMs - For the name of the damaged file.
 * @throws StoreError if a server uses it, it is another file, or nothing can be read.
 */
export const repairStore = async (file: string, nowMs: number): Promise<Repair> => {
  const contents = await contentsIfIntact(file);
  if (contents !== undefined) return { kind: 'intact', contents };
  await using repaired = new NewStore(file);
  const salvager = new Salvager(file, (data) => repaired.add(data));
  await salvager.readAll();
  const { info } = salvager;
  const entries = await repaired.finish({ context: info?.context });
  if (entries === 0 && info?.entries !== 0) {
    const advice = 'put a backup in its place, or move it away to begin with an empty cache';
    throw StoreError.of(file, 'damaged', `is damaged, and nothing of it can be read: ${advice}`);
  }
  const rescued = await checkStore(repaired.file);
  const damagedFile = `${file}.damaged-${formatTime(nowMs)}`;
  await keepAs(file, damagedFile);
  await repaired.replace();
  return { kind: 'repaired', contents: rescued, entriesBefore: info?.entries, damagedFile };
};
