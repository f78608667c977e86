import { createReadStream } from 'node:fs';
import { isPerlFile, readPerlFile } from '../../storage/perl-file.ts';
import type { StoredEntry } from '../../storage/stored-entry.ts';
import { CommandError } from '../exit-code.ts';
import { EntryProblem, parseEntryJson, problemOf } from './entry-json.ts';
import { readLines } from './text-lines.ts';
import type { Lines } from './text-lines.ts';

/** So many bytes tell what kind of file it is. */
const kindBytes = 16;
/** Entries of a file that is read as a whole are handed on in so many at a time. */
const batchEntries = 4096;

/** The entries of a file or of standard input, some at a time. */
export type EntryBatches = AsyncGenerator<readonly StoredEntry[]>;

/** How to read them. */
export interface ImportSource {
  /** A path, or `-` for standard input. */
  readonly file: string;
  /** When entries count as written that do not say so; without it, all must say so. In seconds. */
  readonly defaultTime: number | undefined;
  /** Is told of names that cannot be anywhere else. */
  readonly skipped: (name: string) => void;
}

async function* chunksOf(file: string): AsyncGenerator<Buffer> {
  const stream = file === '-' ? process.stdin : createReadStream(file);
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

/** The beginning, as far as it tells the kind. */
const readBeginning = async (chunks: AsyncGenerator<Buffer>): Promise<Buffer> => {
  let beginning = Buffer.alloc(0);
  while (beginning.length < kindBytes) {
    const chunk = await chunks.next();
    if (chunk.done === true) break;
    beginning = Buffer.concat([beginning, chunk.value]);
  }
  return beginning;
};

async function* withBeginning(
  beginning: Buffer,
  chunks: AsyncGenerator<Buffer>,
): AsyncGenerator<Buffer> {
  yield beginning;
  yield* chunks;
}

const parseLines = (
  { lines, firstNumber }: Lines,
  source: string,
  defaultTime: number | undefined,
): StoredEntry[] => {
  const entries: StoredEntry[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    try {
      entries.push(parseEntryJson(line, defaultTime));
    } catch (error) {
      if (!(error instanceof EntryProblem)) throw error;
      throw new CommandError(`${source}: line ${firstNumber + index}: ${error.message}.`);
    }
  }
  return entries;
};

async function* perlBatches(
  chunks: AsyncGenerator<Buffer>,
  source: string,
  skipped: (name: string) => void,
): EntryBatches {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  // Of a name that comes twice the last one counts.
  const byName = new Map<string, StoredEntry>();
  for (const entry of readPerlFile(Buffer.concat(all), source)) {
    if (problemOf(entry) === undefined) byName.set(entry.name, entry);
    else skipped(entry.name);
  }
  const entries = [...byName.values()];
  for (let start = 0; start < entries.length; start += batchEntries) {
    yield entries.slice(start, start + batchEntries);
  }
}

/**
 * Reads entries: lines of JSON, or a file in which Net::Clacks keeps its cache.
 *
 * @throws CommandError, PerlFileError that name the file, the line and what was expected there.
 */
export async function* readEntryBatches({
  file,
  defaultTime,
  skipped,
}: ImportSource): EntryBatches {
  const source = file === '-' ? 'standard input' : file;
  const chunks = chunksOf(file);
  const beginning = await readBeginning(chunks);
  const all = withBeginning(beginning, chunks);
  if (isPerlFile(beginning)) {
    yield* perlBatches(all, source, skipped);
    return;
  }
  for await (const lines of readLines(all, source)) {
    const entries = parseLines(lines, source, defaultTime);
    if (entries.length > 0) yield entries;
  }
}
