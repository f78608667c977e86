import type { Command } from 'commander';
import { parseName } from '../arguments.ts';
import { addConnectionOptions } from '../connection-options.ts';
import { readValue } from '../stdin.ts';
import { withClient } from '../with-client.ts';
import { addStoreFileCommands } from './store-file.ts';

const help = `
The commands check, repair and compact are about the file that a server keeps its cache in. Values of
these three names are stored with 'clacks shell': STORE check=1

Examples:
  clacks store Kitchen::Target 22
  clacks store --signal Kitchen::Target 22
  clacks store House::Plan - < plan.json
  clacks store check`;

/** Adds `clacks store`. */
export const addStoreCommand = (program: Command): void => {
  const command = program
    .command('store')
    .description('keep a value in the cache')
    .argument('<name>', 'name of the value', parseName)
    .argument('<value>', "the value; '-': from standard input")
    .option('--signal', 'signal the value as well, in one step')
    .addHelpText('after', help)
    .action(
      async (name: string, argument: string, options: { signal?: boolean }, self: Command) => {
        const value = await readValue(argument);
        await withClient(self, async (client) => {
          if (options.signal === true) await client.setAndStore(name, value);
          else await client.store(name, value);
        });
      },
    );
  addConnectionOptions(command);
  // What stands behind a command below is that one's.
  command.enablePositionalOptions();
  addStoreFileCommands(command);
};
