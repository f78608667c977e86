import type { Command } from 'commander';
import { parseName } from '../arguments.ts';
import { addConnectionOptions } from '../connection-options.ts';
import { CommandError } from '../exit-code.ts';
import { printJson, write } from '../output.ts';
import { valueAsJson, valueAsOutput } from '../values.ts';
import { withClient } from '../with-client.ts';

const help = `
If there is no such value, it prints nothing and the exit code is 1. Behind a text it prints a line
break; bytes that are no text it prints as they are.

Examples:
  clacks retrieve Kitchen::Target
  target=$(clacks retrieve Kitchen::Target) || target=20`;

/** Adds `clacks retrieve`. */
export const addRetrieveCommand = (program: Command): void => {
  const command = program
    .command('retrieve')
    .description('print a value of the cache')
    .argument('<name>', 'name of the value', parseName)
    .option('--json', 'print an object with name and value as JSON')
    .addHelpText('after', help)
    .action(async (name: string, { json = false }: { json?: boolean }, self: Command) => {
      await withClient(self, async (client) => {
        const bytes = await client.retrieve(name, { as: 'bytes' });
        if (bytes === undefined) throw new CommandError(`There is no value of the name ${name}.`);
        if (json) printJson({ name, ...valueAsJson(bytes) });
        else write(valueAsOutput(bytes, '\n'));
      });
    });
  addConnectionOptions(command);
};
