import type { Command } from 'commander';
import { addConnectionOptions, connectionFlags, refuseBesideStore } from '../connection-options.ts';
import { connectionSettings } from '../connection-settings.ts';
import { CommandError } from '../exit-code.ts';
import { printNote, shown } from '../output.ts';
import { findStore, storeHelp } from '../store-argument.ts';
import { readEntryBatches } from '../transfer/import-source.ts';
import type { ImportResult, ImportTarget } from '../transfer/import-target.ts';
import { Progress, counted } from '../transfer/progress.ts';

interface ImportOptions {
  readonly store?: string;
  readonly overwrite?: boolean;
}

const help = `
Reads what 'clacks export' has written, or a file in which Net::Clacks keeps its cache. Of each name
the newest entry stays: that of the file, or that of the server. For that the main user is needed.
With --overwrite the values of the file count as written now; for that 'write' is enough, removed
names are passed over, and the times in the file need not be there. It ends when the server has
handled all, and has kept it if it keeps its cache. Stop the server before --store.
${storeHelp}
Examples:
  clacks import cache.jsonl
  zcat cache.jsonl.gz | clacks import -
  clacks import --overwrite cache.jsonl
  clacks import --store clacks.xml /var/lib/netclacks/clacks.cache`;

const openTarget = async (
  { store, overwrite = false }: ImportOptions,
  self: Command,
): Promise<ImportTarget> => {
  if (store !== undefined) {
    refuseBesideStore(self);
    const { StoreImport } = await import('../transfer/import-store.ts');
    return StoreImport.open(await findStore(store), overwrite);
  }
  const { ServerImport } = await import('../transfer/import-server.ts');
  const flags = connectionFlags(self);
  const settings = await connectionSettings(flags);
  return overwrite
    ? ServerImport.overwriting(settings, flags.timeout)
    : ServerImport.merging(settings, flags.timeout);
};

const tell = (
  { older, untellable, tombstones }: ImportResult,
  skipped: readonly string[],
): void => {
  if (older > 0)
    printNote(`note: of ${counted(older, 'name')} something newer was there and stays`);
  if (untellable > 0) printNote(`note: passed over ${counted(untellable, 'name')} with a "="`);
  if (tombstones > 0) printNote(`note: passed over ${counted(tombstones, 'removed name')}`);
  if (skipped.length === 0) return;
  const names = skipped.slice(0, 3).map((name) => shown(JSON.stringify(name)));
  const what = `${counted(skipped.length, 'name')} that cannot be sent`;
  printNote(`note: passed over ${what}: ${names.join(', ')}${skipped.length > 3 ? ', …' : ''}`);
};

const importFrom = async (file: string, options: ImportOptions, self: Command): Promise<void> => {
  const defaultTime = options.overwrite === true ? Date.now() / 1000 : undefined;
  const skipped: string[] = [];
  const source = { file, defaultTime, skipped: (name: string) => void skipped.push(name) };
  const batches = readEntryBatches(source);
  // The first ones before anything else: a file that is none reaches nobody.
  const first = await batches.next();
  await using target = await openTarget(options, self);
  const progress = new Progress('imported');
  const add = async (entries: Parameters<ImportTarget['add']>[0]): Promise<void> => {
    await target.add(entries);
    progress.add(entries.length);
  };
  if (first.done !== true) await add(first.value);
  let problem: Error | undefined;
  try {
    for await (const entries of batches) await add(entries);
  } catch (error) {
    problem = error as Error;
  }
  const result = await target.finish();
  progress.end();
  if (problem instanceof CommandError) {
    throw new CommandError(
      `${problem.message} Imported ${counted(progress.entries, 'entry', 'entries')} before.`,
    );
  }
  if (problem !== undefined) throw problem;
  printNote(progress.told);
  tell(result, skipped);
};

/** Adds `clacks import`. */
export const addImportCommand = (program: Command): void => {
  const command = program
    .command('import')
    .description('take over entries that were exported, or the cache of Net::Clacks')
    .argument('<file>', "where from; '-': from standard input")
    .option('--store <store>', 'write to a store in place of a server: a file, or a configuration')
    .option('--overwrite', 'let the values of the file count as written now')
    .addHelpText('after', help)
    .action(importFrom);
  addConnectionOptions(command);
};
