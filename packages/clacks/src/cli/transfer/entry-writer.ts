import { perlFileChunks } from '../../storage/perl-file-writer.ts';
import type { StoredEntry } from '../../storage/stored-entry.ts';
import type { TakeEntries } from './entries.ts';
import { formatEntryJson } from './entry-json.ts';
import type { Output } from './output-file.ts';

/** Writes entries in one of the forms. */
export interface EntryWriter {
  readonly take: TakeEntries;
  /** There are no more. */
  readonly finish: () => Promise<void>;
}

/** Writes a line of JSON for each. */
export const jsonWriter = (output: Output): EntryWriter => ({
  take: (entries) => output.write(entries.map((entry) => `${formatEntryJson(entry)}\n`).join('')),
  finish: () => Promise.resolve(),
});

/** Writes the current form of Net::Clacks: all at the end, each name once, the newest entry of it. */
export const perlWriter = (output: Output): EntryWriter => {
  const byName = new Map<string, StoredEntry>();
  return {
    take: (entries) => {
      for (const entry of entries) {
        const before = byName.get(entry.name);
        if (before === undefined || before.cacheTime <= entry.cacheTime) {
          byName.set(entry.name, entry);
        }
      }
      return Promise.resolve();
    },
    finish: async () => {
      for (const chunk of perlFileChunks(byName.values())) await output.write(chunk);
    },
  };
};
