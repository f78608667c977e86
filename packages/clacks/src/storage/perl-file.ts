/*
 * The files in which Net::Clacks keeps its cache, as a map of YAML::Syck:
 *
 *   current  = marker map-of-maps marker            ; name → data, cachetime, accesstime, deleted
 *   marker   = NUL "CLACKSV3"
 *   older    = data LF times LF [ accesses LF ] "ENDBYTES"
 *   data     = base64 of a map: name → value        ; without line ends, as the next two
 *   times    = base64 of a map: name → last write
 *   accesses = base64 of a map: name → last write or RETRIEVE
 *
 * Either may have line ends around its markers.
 */
import { PerlFileError } from './perl-file-error.ts';
import type { StoredEntry } from './stored-entry.ts';
import { SyckCursor } from './syck-cursor.ts';

/** With which the current form begins and ends. */
export const perlFileMarker = '\0CLACKSV3';

/** With which a file of the older form ends. */
const olderEnd = 'ENDBYTES';

/** `---`, with which YAML::Syck begins, in base64: with this the older form begins. */
const olderBeginning = 'LS0t';

/** How much base64 is decoded at a time. Whole groups of 4 characters. */
const base64ChunkCharacters = 65_536;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Whether the bytes have a certain text at a place. */
const holds = (bytes: Buffer, text: string, start = 0): boolean =>
  bytes.toString('latin1', start, start + text.length) === text;

/** Whether a file's beginning is that of a persistence file of Net::Clacks, of either form. */
export const isPerlFile = (bytes: Buffer): boolean =>
  holds(bytes, perlFileMarker) || holds(bytes, olderBeginning);

/**
 * Reads a persistence file of Net::Clacks. Entries come in the file's order. Nothing is delivered
 * unless all of the file is good.
 *
 * @param file - Its name, for the error.
 * @throws {@link PerlFileError} if it is incomplete, malformed or another file.
 */
export const readPerlFile = (bytes: Buffer, file?: string): StoredEntry[] => {
  if (holds(bytes, perlFileMarker)) return readCurrent(bytes, file);
  if (holds(bytes, olderBeginning)) return readOlder(bytes, file);
  throw new PerlFileError('this is no persistence file of Net::Clacks', { file });
};

/** What the current form holds of a name. */
interface Fields {
  data: string | undefined;
  cacheTime: number;
  accessTime: number;
  isDeleted: boolean;
}

const readCurrent = (bytes: Buffer, file: string | undefined): StoredEntry[] => {
  const start = perlFileMarker.length;
  const end = withoutLineEnds(bytes) - perlFileMarker.length;
  if (end < start || !holds(bytes, perlFileMarker, end)) {
    throw new PerlFileError('incomplete: NUL CLACKSV3 is expected at the end', { file });
  }
  // YAML::Syck writes no byte 0: a crash has left pages empty.
  const nul = bytes.indexOf(0, start);
  if (nul !== end) throw new PerlFileError(`YAML is expected at byte ${nul}, which is 0`, { file });
  const cursor = new SyckCursor(bytes, start, end, (message, line) => {
    return new PerlFileError(message, { file, line });
  });
  const shared = new Map<string, Fields>();
  const readThese = (): Fields => readFields(cursor);
  const entries: StoredEntry[] = [];
  for (const name of cursor.keys()) {
    const { data, cacheTime, accessTime, isDeleted } = cursor.shared(shared, readThese);
    entries.push(storedEntry(name, isDeleted ? undefined : data, cacheTime, accessTime));
  }
  return entries;
};

const readFields = (cursor: SyckCursor): Fields => {
  const fields: Fields = { data: undefined, cacheTime: 0, accessTime: 0, isDeleted: false };
  for (const key of cursor.innerKeys()) {
    const value = cursor.scalar();
    if (key === 'data') fields.data = value;
    else if (key === 'cachetime') fields.cacheTime = timeOf(value, cursor);
    else if (key === 'accesstime') fields.accessTime = timeOf(value, cursor);
    else if (key === 'deleted') fields.isDeleted = isTrue(value);
  }
  return fields;
};

/** What Perl takes for true. */
const isTrue = (value: string | undefined): boolean =>
  value !== undefined && value !== '' && value !== '0';

/** Perl's number, as the file holds it, in seconds. No value counts as 0, as in Perl. */
const timeOf = (value: string | undefined, cursor: SyckCursor): number => {
  const seconds = Number(value ?? '0');
  if (!Number.isFinite(seconds)) throw cursor.unexpectedValue('a time');
  return Math.max(0, seconds);
};

const storedEntry = (
  name: string,
  value: string | undefined,
  cacheTime: number,
  accessTime: number,
): StoredEntry => ({ name, value, cacheTime, accessTime: value === undefined ? 0 : accessTime });

/** The two times of a name. */
interface Times {
  readonly cacheTime: number;
  accessTime: number;
}

const readOlder = (bytes: Buffer, file: string | undefined): StoredEntry[] => {
  const [data, times, accesses] = mapsOf(bytes, file);
  const timesOf = new Map<string, Times>();
  for (const name of times.keys()) {
    const cacheTime = timeOf(times.scalar(), times);
    timesOf.delete(name);
    timesOf.set(name, { cacheTime, accessTime: 0 });
  }
  if (accesses !== undefined) {
    for (const name of accesses.keys()) {
      const accessTime = timeOf(accesses.scalar(), accesses);
      const known = timesOf.get(name);
      if (known !== undefined) known.accessTime = accessTime;
    }
  }
  const entries: StoredEntry[] = [];
  for (const name of data.keys()) {
    const { cacheTime, accessTime } = timesOf.get(name) ?? { cacheTime: 0, accessTime: 0 };
    entries.push(storedEntry(name, data.scalar(), cacheTime, accessTime));
    timesOf.delete(name);
  }
  // A removed name has kept the time when it was removed.
  for (const [name, { cacheTime }] of timesOf) {
    entries.push(storedEntry(name, undefined, cacheTime, 0));
  }
  return entries;
};

/** The maps of the older form: data, write times and perhaps access times. */
const mapsOf = (
  bytes: Buffer,
  file: string | undefined,
): [data: SyckCursor, times: SyckCursor, accesses: SyckCursor | undefined] => {
  const lines = linesOf(bytes);
  const last = lines.pop();
  if (last?.toString('latin1') !== olderEnd) {
    throw new PerlFileError(`incomplete: ${olderEnd} is expected at the end`, { file });
  }
  const [data, times, accesses] = lines.map((line, index) => cursorOf(line, index + 1, file));
  if (data === undefined || times === undefined || lines.length > 3) {
    throw new PerlFileError(`two or three lines are expected before ${olderEnd}`, { file });
  }
  return [data, times, accesses];
};

/** The lines of the file, and no more than are needed to see that there are too many. */
const linesOf = (bytes: Buffer): Buffer[] => {
  const end = withoutLineEnds(bytes);
  const lines: Buffer[] = [];
  for (let start = 0; start < end && lines.length <= 4;) {
    const lineEnd = bytes.subarray(0, end).indexOf(lineFeed, start);
    const line = bytes.subarray(start, lineEnd === -1 ? end : lineEnd);
    lines.push(line.subarray(0, withoutLineEnds(line)));
    start = lineEnd === -1 ? end : lineEnd + 1;
  }
  return lines;
};

/** Where bytes end if line ends at their end do not count. */
const withoutLineEnds = (bytes: Buffer): number => {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === lineFeed || bytes[end - 1] === carriageReturn)) end--;
  return end;
};

const cursorOf = (base64: Buffer, line: number, file: string | undefined): SyckCursor => {
  const yaml = decodeBase64(base64);
  if (yaml === undefined) throw new PerlFileError('base64 is expected', { file, line });
  return new SyckCursor(yaml, 0, yaml.length, (message, yamlLine) => {
    return new PerlFileError(`${message} in line ${yamlLine} of what is encoded`, { file, line });
  });
};

/** Piece by piece: as one string it might be longer than a string can be. */
const decodeBase64 = (base64: Buffer): Buffer | undefined => {
  const padding = /={0,2}$/u.exec(base64.toString('latin1', base64.length - 2))?.[0].length ?? 0;
  if (base64.length % 4 !== 0) return undefined;
  const bytes = Buffer.allocUnsafe((base64.length / 4) * 3 - padding);
  let length = 0;
  for (let start = 0; start < base64.length; start += base64ChunkCharacters) {
    const chunk = base64.toString('latin1', start, start + base64ChunkCharacters);
    length += bytes.write(chunk, length, 'base64');
  }
  // Node.js skips what is no base64.
  return length === bytes.length ? bytes : undefined;
};
