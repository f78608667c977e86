import type { Command } from 'commander';
import { addConnectionOptions, connectionFlags, refuseBesideStore } from '../connection-options.ts';
import { connectionSettings } from '../connection-settings.ts';
import { printNote } from '../output.ts';
import { findStore, storeHelp } from '../store-argument.ts';
import type { TakeEntries } from '../transfer/entries.ts';
import { jsonWriter, perlWriter } from '../transfer/entry-writer.ts';
import { OutputFile, standardOutput } from '../transfer/output-file.ts';
import { Progress } from '../transfer/progress.ts';

interface ExportOptions {
  readonly perl?: boolean;
  readonly store?: string;
}

const help = `
A line for each entry, the tombstones of removed ones included:
  {"name":"a","value":"1","cachetime":1764025501.25,"accesstime":1764025561.25}
  {"name":"b","deleted":true,"cachetime":1764025501.25}
Bytes that are no UTF-8 are in nameBase64 and valueBase64. The server goes on meanwhile: what is
written then may be told or not, or twice; for a copy of one moment see 'clacks backup', or use
--store, which also needs no server. At a server the main user is needed. An existing FILE is not
overwritten.
${storeHelp}
Examples:
  clacks export cache.jsonl
  clacks export | gzip > cache.jsonl.gz
  clacks export --store clacks.xml cache.jsonl
  clacks export --perl clacks.cache`;

/** How to read all entries, from where the options say. */
const reader = async (
  { store }: ExportOptions,
  self: Command,
): Promise<(take: TakeEntries) => Promise<void>> => {
  const { readServer, readStoreFile } = await import('../transfer/export-sources.ts');
  if (store !== undefined) {
    refuseBesideStore(self);
    const file = await findStore(store);
    return (take) => readStoreFile(file, take);
  }
  const flags = connectionFlags(self);
  const settings = await connectionSettings(flags);
  return (take) => readServer(settings, flags.timeout, take);
};

const exportTo = async (file: string, options: ExportOptions, self: Command): Promise<void> => {
  const read = await reader(options, self);
  await using output = file === '-' ? standardOutput : await OutputFile.create(file);
  const writer = options.perl === true ? perlWriter(output) : jsonWriter(output);
  const progress = new Progress('exported');
  await read(async (entries) => {
    await writer.take(entries);
    progress.add(entries.length);
  });
  await writer.finish();
  await output.finish();
  progress.end();
  printNote(progress.told);
};

/** Adds `clacks export`. */
export const addExportCommand = (program: Command): void => {
  const command = program
    .command('export')
    .description('write all entries of the cache as lines of JSON')
    .argument('[file]', "where to; '-': to standard output", '-')
    .option('--store <store>', 'read a store in place of a server: a file, or a configuration')
    .option('--perl', 'write the form in which Net::Clacks keeps its cache')
    .addHelpText('after', help)
    .action(exportTo);
  addConnectionOptions(command);
};
