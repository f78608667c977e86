import type { Command } from 'commander';
import { parseNames } from '../arguments.ts';
import { addConnectionOptions } from '../connection-options.ts';
import { withClient } from '../with-client.ts';

/** Adds `clacks remove`. */
export const addRemoveCommand = (program: Command): void => {
  const command = program
    .command('remove')
    .description('delete values from the cache; those that are not there are no error')
    .argument('<name...>', 'names of the values', parseNames)
    .addHelpText('after', '\nExample:\n  clacks remove Kitchen::Target Bathroom::Target')
    .action(async (names: readonly string[], _options: object, self: Command) => {
      await withClient(self, async (client) => {
        for (const name of names) await client.remove(name);
      });
    });
  addConnectionOptions(command);
};
