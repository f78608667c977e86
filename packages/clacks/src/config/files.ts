import { access, constants, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ConfigError } from './config-error.ts';
import type { ConfigEnvironment } from './environment.ts';

/** Whether a file can be read. */
export const isReadable = async (file: string): Promise<boolean> => {
  try {
    await access(file, constants.R_OK);
    return true;
  } catch {
    // Why is told when it is read; here the question is where to look.
    return false;
  }
};

/** The paths that a configuration may have, in the order they are tried. */
const candidates = (file: string, { environment, cwd }: ConfigEnvironment): string[] => {
  if (path.isAbsolute(file)) return [file];
  const searched = (environment['PC_CONFIG_PATHS'] ?? '').split(':').filter((part) => part !== '');
  const directories = [...searched, '', 'configs'];
  return [...new Set(directories.map((directory) => path.resolve(cwd, directory, file)))];
};

const isMissing = (error: unknown): boolean => {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
};

const decode = (bytes: Uint8Array, file: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ConfigError('is not UTF-8 text', { file, cause: error });
  }
};

/**
 * Finds and reads a configuration: in the directories of `PC_CONFIG_PATHS`, then as given, then in
 * `configs/`.
 *
 * @returns Its path and text.
 * @throws ConfigError if there is none, or it cannot be read.
 */
export const readConfigFile = async (
  file: string,
  environment: ConfigEnvironment,
): Promise<{ file: string; text: string }> => {
  const tried = candidates(file, environment);
  for (const candidate of tried) {
    try {
      const bytes = await readFile(candidate);
      return { file: candidate, text: decode(bytes, candidate) };
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      if (isMissing(error)) continue;
      const { message } = error as Error;
      throw new ConfigError(`cannot be read: ${message}`, { file: candidate, cause: error });
    }
  }
  throw new ConfigError(`there is no such configuration; looked for ${tried.join(', ')}`, { file });
};

/**
 * Where a file that a configuration names is: beside the configuration, or else in the working
 * directory.
 *
 * @returns The path beside the configuration if it is in neither place.
 */
export const locateFile = async (name: string, directory: string, cwd: string): Promise<string> => {
  const beside = path.resolve(directory, name);
  if (await isReadable(beside)) return beside;
  const working = path.resolve(cwd, name);
  return (await isReadable(working)) ? working : beside;
};
