import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { getMimeType } from 'hono/utils/mime';

/** All files of a page together, in bytes: they are kept in memory. */
const bytesMax = 32 * 1024 * 1024;

/** What comes without a name. */
const indexFile = 'index.html';

/** Files whose names change with what is in them. */
const hashedName = /[-.][\w-]{8,}\.\w+$/u;

/** A file to be served. */
export interface StaticFile {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

const cacheControlOf = (name: string): string =>
  name.startsWith('assets/') && hashedName.test(name)
    ? 'public, max-age=31536000, immutable'
    : 'no-cache';

const readFile = (directory: string, name: string): StaticFile => {
  const content = new Uint8Array(readFileSync(path.join(directory, name)));
  const digest = createHash('sha256').update(content).digest('base64url');
  return {
    content,
    headers: {
      'content-type': getMimeType(name) ?? 'application/octet-stream',
      'cache-control': cacheControlOf(name),
      etag: `"${digest}"`,
    },
  };
};

/**
 * The files of a page, read once: a request names one of them or nothing.
 *
 * @returns By their paths, such as `/` and `/assets/main.js`; empty if there is no such directory.
 * @throws Error if they cannot be read, or are too large.
 */
export const readStaticFiles = (directory: string): ReadonlyMap<string, StaticFile> => {
  const files = new Map<string, StaticFile>();
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) return files;
  let bytes = 0;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const full = path.join(entry.parentPath, entry.name);
    const name = path.relative(directory, full).split(path.sep).join('/');
    const file = readFile(directory, name);
    bytes += file.content.length;
    if (bytes > bytesMax) throw new Error(`${directory} holds more than ${bytesMax} bytes`);
    files.set(`/${name}`, file);
    if (name === indexFile) files.set('/', file);
  }
  return files;
};
