/*
 * An entry as a line of JSON:
 *
 *   {"name":"a","value":"1","cachetime":1764025501.25,"accesstime":1764025561.25}
 *   {"name":"b","deleted":true,"cachetime":1764025501.25}
 *
 * Times are seconds since 1970. In place of `name` and `value` there is `nameBase64` or `valueBase64`
 * where the bytes are no UTF-8.
 */
import { isUtf8 } from 'node:buffer';
import { wireFromBase64, wireFromText } from '@clacks/protocol';
import type { StoredEntry } from '../../storage/stored-entry.ts';

const formatWire = (key: string, wire: string): string => {
  const bytes = Buffer.from(wire, 'latin1');
  return isUtf8(bytes)
    ? `"${key}":${JSON.stringify(bytes.toString('utf8'))}`
    : `"${key}Base64":"${bytes.toString('base64')}"`;
};

/** Formats an entry, without a line end. */
export const formatEntryJson = ({ name, value, cacheTime, accessTime }: StoredEntry): string =>
  value === undefined
    ? `{${formatWire('name', name)},"deleted":true,"cachetime":${cacheTime}}`
    : `{${formatWire('name', name)},${formatWire('value', value)},"cachetime":${cacheTime},"accesstime":${accessTime}}`;

/** What an entry is not: the message says what was expected instead. */
export class EntryProblem extends Error {}

const kinds = {
  name: 'string',
  nameBase64: 'string',
  value: 'string',
  valueBase64: 'string',
  deleted: 'boolean',
  cachetime: 'number',
  accesstime: 'number',
} as const;

interface Fields {
  readonly name?: string;
  readonly nameBase64?: string;
  readonly value?: string;
  readonly valueBase64?: string;
  readonly deleted?: boolean;
  readonly cachetime?: number;
  readonly accesstime?: number;
}

const parseFields = (line: string): Fields => {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    // The parser's message may quote a value.
    throw new EntryProblem('expected a JSON object, this is no JSON');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new EntryProblem('expected a JSON object');
  }
  for (const [key, value] of Object.entries(json)) {
    if (!Object.hasOwn(kinds, key)) {
      throw new EntryProblem(`expected none but the keys ${Object.keys(kinds).join(', ')}`);
    }
    const kind = kinds[key as keyof typeof kinds];
    if (typeof value !== kind) throw new EntryProblem(`expected a ${kind} as ${key}`);
  }
  return json;
};

const parseWire = (
  key: 'name' | 'value',
  text: string | undefined,
  base64: string | undefined,
): string | undefined => {
  if (text !== undefined && base64 !== undefined) {
    throw new EntryProblem(`expected either ${key} or ${key}Base64`);
  }
  if (base64 !== undefined) {
    const wire = wireFromBase64(base64);
    if (wire === undefined) throw new EntryProblem(`expected base64 as ${key}Base64`);
    return wire;
  }
  if (text === undefined) return undefined;
  if (/\p{Surrogate}/u.test(text)) {
    throw new EntryProblem(`expected text as ${key}; what is no text goes into ${key}Base64`);
  }
  return wireFromText(text);
};

/** Times from 2106 on cannot be sent. */
const maxSeconds = 2 ** 32;

const parseTime = (key: string, seconds: number): number => {
  if (seconds >= 0 && seconds < maxSeconds) return seconds;
  throw new EntryProblem(`expected seconds since 1970 as ${key}`);
};

/**
 * Says why an entry of that name and value cannot be there, if so.
 *
 * @returns What was expected.
 */
export const problemOf = ({ name, value }: StoredEntry): string | undefined => {
  if (name === '') return 'expected a name with at least one character';
  if (/[ \r\n]/u.test(name)) return 'expected a name without blanks and line breaks';
  if (value !== undefined && /[\r\n]/u.test(value)) {
    return 'expected a value without line breaks: clients store such values encoded';
  }
  return undefined;
};

/**
 * Parses a line.
 *
 * @param defaultTime - When an entry was written that does not say so; without it, all must say so.
 * @throws EntryProblem that says what was expected. It holds nothing of the line.
 */
export const parseEntryJson = (line: string, defaultTime: number | undefined): StoredEntry => {
  const fields = parseFields(line);
  const { deleted = false, cachetime = defaultTime } = fields;
  const name = parseWire('name', fields.name, fields.nameBase64);
  const value = parseWire('value', fields.value, fields.valueBase64);
  if (name === undefined) throw new EntryProblem('expected a name');
  if (deleted === (value !== undefined)) {
    throw new EntryProblem('expected either a value or "deleted":true');
  }
  if (cachetime === undefined) throw new EntryProblem('expected a cachetime');
  const cacheTime = parseTime('cachetime', cachetime);
  const accessTime = deleted ? 0 : parseTime('accesstime', fields.accesstime ?? cachetime);
  const entry = { name, value, cacheTime, accessTime };
  const problem = problemOf(entry);
  if (problem !== undefined) throw new EntryProblem(problem);
  return entry;
};
