import { CommanderError } from 'commander';
import { exitCodeOf } from './exit-code.ts';
import { endQuietlyWithReader, printError, printNote } from './output.ts';
import { createProgram } from './program.ts';
import { ClacksError } from '@clacks/protocol';

const report = (error: unknown): void => {
  // Commander has written its own message.
  if (error instanceof CommanderError) return;
  const isOurs = error instanceof ClacksError;
  const text = error instanceof Error ? error.message : String(error);
  printError(isOurs ? text : `unexpected: ${text} (--debug shows where)`);
  if (process.argv.includes('--debug') && error instanceof Error) printNote(error.stack ?? '');
};

endQuietlyWithReader();
try {
  await createProgram().parseAsync();
} catch (error) {
  report(error);
  process.exitCode = exitCodeOf(error);
}
