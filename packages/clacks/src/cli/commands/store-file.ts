import type { Command } from 'commander';
import { refuseConnectionOptions } from '../connection-options.ts';
import { printJson, write } from '../output.ts';
import { findStore, storeArgument, storeHelp } from '../store-argument.ts';

const check = async (
  argument: string | undefined,
  { json = false }: { readonly json?: boolean },
  self: Command,
): Promise<void> => {
  refuseConnectionOptions(self);
  const { checkStore } = await import('../../storage/store-tasks.ts');
  const store = await findStore(argument);
  const contents = await checkStore(store);
  const { entries, tombstones, bytes, fileBytes } = contents;
  if (json) printJson({ store, ...contents });
  else {
    write(
      `${store} is in order: ${entries} entries, ${tombstones} of them tombstones;\n` +
        `${bytes} bytes of names and values in a file of ${fileBytes} bytes\n`,
    );
  }
};

const repair = async (argument: string | undefined, _: unknown, self: Command): Promise<void> => {
  refuseConnectionOptions(self);
  const { repairStore } = await import('../../storage/store-repair.ts');
  const store = await findStore(argument);
  const repaired = await repairStore(store, Date.now());
  const { entries } = repaired.contents;
  if (repaired.kind === 'intact') {
    write(`${store} is in order, ${entries} entries: there is nothing to repair\n`);
    return;
  }
  const { entriesBefore, damagedFile } = repaired;
  const rescued =
    entriesBefore === undefined
      ? `${entries} entries, of how many is not known`
      : `${entries} of ${entriesBefore} entries`;
  write(`Rescued ${rescued}: ${store}\nThe damaged file stays as ${damagedFile}\n`);
};

const compact = async (argument: string | undefined, _: unknown, self: Command): Promise<void> => {
  refuseConnectionOptions(self);
  const { compactStore } = await import('../../storage/store-tasks.ts');
  const store = await findStore(argument);
  const { entries, fileBytesBefore, fileBytes } = await compactStore(store);
  write(`${store}: ${entries} entries in ${fileBytes} bytes, before in ${fileBytesBefore}\n`);
};

const checkHelp = `
Reads all of it and compares it with its checksums, also while a server uses it. Exit codes: 0 if all
is as it was written, 1 if not or if it cannot be read.
${storeHelp}
Examples:
  clacks store check
  clacks store check --json /etc/clacks/clacks.xml`;

const repairHelp = `
Makes a new store of everything that can still be read, each entry as it was written or not at all.
The damaged file stays, as STORE.damaged-TIME. Stop the server before. A store that is in order is
left alone.
${storeHelp}
Examples:
  clacks store repair
  clacks store repair /var/lib/clacks/cache.lmdb`;

const compactHelp = `
A store's file never gets smaller by itself: what was removed leaves room for what comes. This makes
it as small as it can be. Stop the server before.
${storeHelp}
Examples:
  clacks store compact
  clacks store compact /etc/clacks/clacks.xml`;

/** Adds `clacks store check`, `repair` and `compact`. */
export const addStoreFileCommands = (store: Command): void => {
  store
    .command('check')
    .description("say whether the file of a cache is in order, and what's in it")
    .argument('[store]', storeArgument)
    .option('--json', 'print an object as JSON')
    .addHelpText('after', checkHelp)
    .action(check);
  store
    .command('repair')
    .description('make a new file of what can be read of a damaged one')
    .argument('[store]', storeArgument)
    .addHelpText('after', repairHelp)
    .action(repair);
  store
    .command('compact')
    .description('make the file of a cache as small as it can be')
    .argument('[store]', storeArgument)
    .addHelpText('after', compactHelp)
    .action(compact);
};
