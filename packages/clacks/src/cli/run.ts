import { CommanderError } from 'commander';
import { ClacksError } from '@clacks/protocol';
import { exitCodeOf } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { printError, printNote } from './output.ts';
import { createProgram } from './program.ts';

const report = (error: unknown, isDebugging: boolean): void => {
  // Commander has written its own message.
  if (error instanceof CommanderError) return;
  const text = error instanceof Error ? error.message : String(error);
  printError(error instanceof ClacksError ? text : `unexpected: ${text} (--debug shows where)`);
  if (isDebugging && error instanceof Error) printNote(error.stack ?? '');
};

/**
 * Runs a command line, and tells on standard error what went wrong.
 *
 * @param args - What stands behind the name of the command.
 * @returns The exit code of a failure; `undefined` if all went well, or if the command has said itself
 * how it ended.
 */
export const runCommandLine = async (args: readonly string[]): Promise<ExitCode | undefined> => {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return undefined;
  } catch (error) {
    report(error, args.includes('--debug'));
    return exitCodeOf(error);
  }
};
