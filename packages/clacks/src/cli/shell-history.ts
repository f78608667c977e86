import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { hasFlag, overheadFlag, parseCommand } from '@clacks/protocol';
import { historyFile } from './directories.ts';
import { fileMode, makePrivateDirectory, replaceFile } from './private-files.ts';

/** How many lines are remembered. */
export const historyLinesMax = 1000;

/** A login token is a password in other letters. */
const isSecret = (line: string): boolean => {
  const command = parseCommand(line);
  return command.verb === 'OVERHEAD' && hasFlag(command.flags, overheadFlag.authenticate);
};

/** Reads the lines of earlier shells, the newest first, as readline wants them. */
export const readHistory = async (): Promise<string[]> => {
  try {
    const lines = (await readFile(historyFile(), 'utf8')).split('\n');
    return lines.filter((line) => line !== '').reverse();
  } catch {
    // The first shell has none, and a shell without one is a shell.
    return [];
  }
};

/**
 * Keeps lines for later shells, for their owner's eyes only, and without login tokens.
 *
 * @param lines - The newest first.
 */
export const writeHistory = async (lines: readonly string[]): Promise<void> => {
  const file = historyFile();
  const kept = lines.filter((line) => !isSecret(line)).slice(0, historyLinesMax);
  await makePrivateDirectory(path.dirname(file));
  await replaceFile(
    file,
    kept
      .map((line) => `${line}\n`)
      .reverse()
      .join(''),
    fileMode.owner,
  );
};
