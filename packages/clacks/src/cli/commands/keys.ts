import type { Command } from 'commander';
import { matchesPattern } from '@clacks/protocol';
import { parseName } from '../arguments.ts';
import { addConnectionOptions } from '../connection-options.ts';
import { printJson, shown, write } from '../output.ts';
import { withClient } from '../with-client.ts';

const help = `
In a pattern, * stands for one level of a name, and ** at the end for one or more.

Examples:
  clacks keys
  clacks keys 'Kitchen::**'
  clacks keys --json '*::Temperature'`;

/** Adds `clacks keys`. */
export const addKeysCommand = (program: Command): void => {
  const command = program
    .command('keys')
    .description('list the names in the cache')
    .argument('[pattern]', 'only those that fit', parseName)
    .option('--json', 'print an array as JSON')
    .addHelpText('after', help)
    .action(async (pattern: string | undefined, options: { json?: boolean }, self: Command) => {
      await withClient(self, async (client) => {
        const all = await client.keylist();
        const names =
          pattern === undefined ? all : all.filter((name) => matchesPattern(pattern, name));
        if (options.json === true) printJson(names);
        else write(names.map((name) => `${shown(name)}\n`).join(''));
      });
    });
  addConnectionOptions(command);
};
