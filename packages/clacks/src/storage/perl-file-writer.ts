import { formatTime } from '@clacks/protocol';
import { perlFileMarker } from './perl-file.ts';
import type { StoredEntry } from './stored-entry.ts';
import { harmlessTag } from './syck-cursor.ts';

/** How much is written at a time, about. */
const chunkCharacters = 65_536;

/** What stands in Perl's tombstones (protocol 9). */
const tombstoneData = 'REMOVED';

/**
 * Writes the current form of Net::Clacks' persistence file, piece by piece: see perl-file.ts.
 *
 * @param entries - Each name once. Times are written to the microsecond.
 */
export function* perlFileChunks(entries: Iterable<StoredEntry>): Generator<Buffer> {
  let text = `${perlFileMarker}\n--- `;
  let isEmpty = true;
  for (const entry of entries) {
    if (isEmpty) text += '\n';
    isEmpty = false;
    text += formatEntry(entry);
    if (text.length < chunkCharacters) continue;
    yield Buffer.from(text, 'latin1');
    text = '';
  }
  if (isEmpty) text += '{}\n';
  yield Buffer.from(`${text}${perlFileMarker}`, 'latin1');
}

const formatEntry = ({ name, value, cacheTime, accessTime }: StoredEntry): string =>
  `${quote(name)}: \n` +
  `  data: ${quote(value ?? tombstoneData)}\n` +
  `  cachetime: '${formatTime(cacheTime)}'\n` +
  `  accesstime: '${formatTime(value === undefined ? 0 : accessTime)}'\n` +
  `  deleted: ${value === undefined ? 1 : 0}\n`;

/**
 * YAML::Syck escapes in double quotes what is no printable ASCII. It writes most strings without
 * quotes, but reads all of them in quotes, and then takes none for something else, but one.
 */
const quote = (wire: string): string => {
  const tag = wire === '=' || wire.startsWith('=\0') ? harmlessTag : '';
  return `${tag}"${wire.replace(/[^ !#-[\]-~]/gu, escape)}"`;
};

const escape = (character: string): string => {
  if (character === '"' || character === '\\') return `\\${character}`;
  return `\\x${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
};
