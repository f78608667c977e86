import { randomUUID } from 'node:crypto';
import { access, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError } from './exit-code.ts';

/** File modes: who may read. */
export const fileMode = { owner: 0o600, everybody: 0o644 } as const;

const failed = (what: string, error: unknown): CommandError =>
  new CommandError(`Cannot ${what}: ${(error as Error).message}.`, { cause: error });

/**
 * Node's own recursive way goes round in circles where a directory is there and takes no others,
 * such as /proc.
 */
const makeWithParents = async (directory: string): Promise<void> => {
  const options = { mode: 0o700 };
  try {
    await mkdir(directory, options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(directory)).isDirectory()) return;
    const parent = path.dirname(directory);
    if (code !== 'ENOENT' || parent === directory) throw error;
    await makeWithParents(parent);
    await mkdir(directory, options);
  }
};

/** Makes a directory, and those above it, for its owner only; one that is there stays as it is. */
export const makePrivateDirectory = async (directory: string): Promise<void> => {
  try {
    await makeWithParents(path.resolve(directory));
  } catch (error) {
    throw failed(`make the directory ${directory}`, error);
  }
};

/** Whether there is something of that name. */
export const exists = async (file: string): Promise<boolean> => {
  try {
    await access(file);
    return true;
  } catch {
    // A file that cannot be looked at is found out about when it is written.
    return false;
  }
};

/**
 * Writes a file as a whole or not at all: whoever reads it meanwhile sees the old one. It has the
 * mode from the beginning, so that nobody else can open it early.
 *
 * @throws CommandError if it cannot be written.
 */
export const replaceFile = async (file: string, text: string, mode: number): Promise<void> => {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}`);
  try {
    await writeFile(temporary, text, { mode, flag: 'wx' });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw failed(`write ${file}`, error);
  }
};

/**
 * Refuses to go on if one of the files is there already.
 *
 * @param mend - What the user can do about it.
 * @throws CommandError that names the first of them.
 */
export const refuseToOverwrite = async (files: readonly string[], mend: string): Promise<void> => {
  for (const file of files) {
    if (await exists(file)) throw new CommandError(`${file} is there already; ${mend}.`);
  }
};
