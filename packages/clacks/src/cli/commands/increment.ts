import type { Command } from 'commander';
import { parseName, parseStep } from '../arguments.ts';
import { addConnectionOptions } from '../connection-options.ts';
import { withClient } from '../with-client.ts';

/** Adds `clacks increment`. */
export const addIncrementCommand = (program: Command): void => {
  const command = program
    .command('increment')
    .description('add to a value of the cache; one that is missing or no number counts as 0')
    .argument('<name>', 'name of the value', parseName)
    .argument('[by]', 'what to add', parseStep, '1')
    .addHelpText(
      'after',
      `
Prints nothing: the server does not tell the sum. Ask for it with 'clacks retrieve'.

Examples:
  clacks increment Door::openings
  clacks increment Meter::kWh 0.25`,
    )
    .action(async (name: string, by: string, _options: object, self: Command) => {
      await withClient(self, async (client) => {
        await client.increment(name, by);
      });
    });
  addConnectionOptions(command);
};
