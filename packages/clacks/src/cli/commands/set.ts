import type { Command } from 'commander';
import { parseName } from '../arguments.ts';
import { addConnectionOptions } from '../connection-options.ts';
import { readValue } from '../stdin.ts';
import { withClient } from '../with-client.ts';

const help = `
Values that begin with a dash stand after --, negative numbers need nothing. From standard input
comes all of it, without the line break at its end.

Examples:
  clacks set Kitchen::Temperature 21.5
  clacks set Kitchen::Note -- '--- dinner ---'
  date | clacks set House::Clock -`;

/** Adds `clacks set`. */
export const addSetCommand = (program: Command): void => {
  const command = program
    .command('set')
    .description('signal a value')
    .argument('<name>', 'name of the value', parseName)
    .argument('<value>', "the value; '-': from standard input")
    .addHelpText('after', help)
    .action(async (name: string, argument: string, _options: object, self: Command) => {
      const value = await readValue(argument);
      await withClient(self, async (client) => {
        await client.set(name, value);
      });
    });
  addConnectionOptions(command);
};
