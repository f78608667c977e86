import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { ConfigError } from '../config/config-error.ts';
import { parseConnectionUrl } from './connection-url.ts';
import type { ConnectionUrl } from './connection-url.ts';
import { chosenConnectionFile, defaultConnectionFile } from './directories.ts';
import { parseHttpUrl } from './http-url.ts';
import type { HttpUrl } from './http-url.ts';
import { printNote } from './output.ts';
import { fileMode, replaceFile } from './private-files.ts';

/** A connection as it is kept in a file, with paths made absolute. */
export interface ConnectionFile {
  readonly file: string;
  readonly url: ConnectionUrl;
  /** Where the server's admin HTTP is. */
  readonly http?: HttpUrl | undefined;
  readonly ca?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly insecure?: boolean | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

const kinds = {
  url: 'string',
  http: 'string',
  ca: 'string',
  fingerprint: 'string',
  insecure: 'boolean',
  cert: 'string',
  key: 'string',
} as const;

type Content = { -readonly [Key in keyof typeof kinds]?: unknown };

const checkContent = (content: unknown, file: string): Content => {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ConfigError('expected a JSON object', { file });
  }
  for (const [key, value] of Object.entries(content)) {
    if (!Object.hasOwn(kinds, key)) {
      const known = Object.keys(kinds).join(', ');
      throw new ConfigError(`is no known key; there are: ${known}`, { file, key });
    }
    const kind = kinds[key as keyof typeof kinds];
    if (typeof value !== kind) throw new ConfigError(`expected a ${kind}`, { file, key });
  }
  if (!('url' in content)) throw new ConfigError('is missing', { file, key: 'url' });
  return content;
};

const parse = (text: string, file: string): ConnectionFile => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, and so perhaps the password.
    throw new ConfigError('is no JSON', { file });
  }
  const { url, http, ca, fingerprint, insecure, cert, key } = checkContent(json, file) as {
    url: string;
    http?: string;
    ca?: string;
    fingerprint?: string;
    insecure?: boolean;
    cert?: string;
    key?: string;
  };
  const besideFile = (name: string | undefined): string | undefined =>
    name === undefined ? undefined : path.resolve(path.dirname(file), name);
  return {
    file,
    url: parseConnectionUrl(url, `url in ${file}`),
    http: http === undefined ? undefined : parseHttpUrl(http, `http in ${file}`),
    ca: besideFile(ca),
    fingerprint,
    insecure,
    cert: besideFile(cert),
    key: besideFile(key),
  };
};

const read = async (file: string): Promise<ConnectionFile | undefined> => {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const { message } = error as Error;
    throw new ConfigError(`cannot be read: ${message}`, { file, cause: error });
  }
  const { mode } = await stat(file);
  if ((mode & 0o077) !== 0) {
    printNote(`warning: others may read the password in ${file}; mend it with: chmod 600 ${file}`);
  }
  return parse(text, file);
};

/**
 * Reads the connection that the user chose or, without one, that of the server without a
 * configuration file.
 *
 * @throws ConfigError if a file is there but cannot be used.
 */
export const readConnectionFile = async (): Promise<ConnectionFile | undefined> =>
  (await read(chosenConnectionFile())) ?? (await read(defaultConnectionFile()));

/** What to write into a connection file: URLs, that with the password first, and whom to trust. */
export interface ConnectionFileContent {
  readonly url: string;
  readonly http?: string;
  readonly ca?: string;
}

/** Writes a connection for its owner only. */
export const writeConnectionFile = (file: string, content: ConnectionFileContent): Promise<void> =>
  replaceFile(file, `${JSON.stringify(content, null, 2)}\n`, fileMode.owner);
