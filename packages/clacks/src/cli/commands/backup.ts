import path from 'node:path';
import type { Command } from 'commander';
import { refuseConnectionOptions } from '../connection-options.ts';
import { write } from '../output.ts';
import { refuseToOverwrite } from '../private-files.ts';
import { findStore, storeArgument, storeHelp } from '../store-argument.ts';

const help = `
The copy is of one moment; a server that uses the store goes on meanwhile. What clients have stored
and flushed before is in it. What nobody has flushed may wait in the server's memory for up to
<persistanceinterval> (10 s). The copy is a store: check it with 'clacks store check', and to use it,
put it where the configuration of a stopped server names its store. An existing FILE is not
overwritten.
${storeHelp}
Examples:
  clacks backup clacks-monday.lmdb
  clacks backup /backup/clacks.lmdb /etc/clacks/clacks.xml`;

const backup = async (
  target: string,
  argument: string | undefined,
  _: unknown,
  self: Command,
): Promise<void> => {
  refuseConnectionOptions(self);
  const { copyStore } = await import('../../storage/store-tasks.ts');
  const store = await findStore(argument);
  await refuseToOverwrite([target], 'choose another name, or move it away');
  const { entries, fileBytes } = await copyStore(store, path.resolve(target));
  write(`Copied ${entries} entries to ${target}, ${fileBytes} bytes\n`);
};

/** Adds `clacks backup`. */
export const addBackupCommand = (program: Command): void => {
  program
    .command('backup')
    .description('copy the file of a cache, also while its server runs')
    .argument('<file>', 'where to')
    .argument('[store]', storeArgument)
    .addHelpText('after', help)
    .action(backup);
};
