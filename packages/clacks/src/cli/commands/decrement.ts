import type { Command } from 'commander';
import { parseName, parseStep } from '../arguments.ts';
import { addConnectionOptions } from '../connection-options.ts';
import { withClient } from '../with-client.ts';

/** Adds `clacks decrement`. */
export const addDecrementCommand = (program: Command): void => {
  const command = program
    .command('decrement')
    .description('subtract from a value of the cache; one that is missing or no number counts as 0')
    .argument('<name>', 'name of the value', parseName)
    .argument('[by]', 'what to subtract', parseStep, '1')
    .addHelpText(
      'after',
      `
Prints nothing: the server does not tell the difference. Ask for it with 'clacks retrieve'.

Examples:
  clacks decrement Stock::bulbs
  clacks decrement Stock::bulbs 12`,
    )
    .action(async (name: string, by: string, _options: object, self: Command) => {
      await withClient(self, async (client) => {
        await client.decrement(name, by);
      });
    });
  addConnectionOptions(command);
};
