import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bytesOf } from './dialect.ts';
import type { CacheDialect, Dialect } from './dialect.ts';
import type { Peer } from './peer.ts';
import { startCommand, versionOf } from './server-process.ts';

const set = (name: string, value: string): string =>
  `set ${name} 0 0 ${value.length}\r\n${value}\r\n`;
const stored = 'STORED\r\n';

const cache: CacheDialect = {
  store: (name, value) => bytesOf(set(name, value)),
  stored: () => stored,
  retrieve: (name) => bytesOf(`get ${name}\r\n`),
  retrieved: (name, value) => `VALUE ${name} 0 ${value.length}\r\n${value}\r\nEND\r\n`,
  increment: (name) => bytesOf(`incr ${name} 1\r\n`),
  incremented: (_name, result) => `${result}\r\n`,
  prepare: (name) => ({ send: bytesOf(set(name, '0')), answer: stored }),
};

const dialect: Dialect = {
  separator: '::',
  anyLevel: '*',
  login: () => ({ send: bytesOf(set('login', 'bench bench')), answer: stored }),
  listen: () => Buffer.alloc(0),
  publish: () => Buffer.alloc(0),
  deliver: () => Buffer.alloc(0),
  fence: () => ({ send: bytesOf('mn\r\n'), answer: 'MN\r\n' }),
  cache,
};

/** The memcached of Debian: a cache, which knows no signals. */
export const memcached: Peer = {
  ...{ name: 'memcached', plain: 'unix', hasTls: false, dialect },
  program: 'memcached',
  version: () => versionOf('memcached', '--version'),
  start: async ({ directory }) => {
    const [socket, users] = [path.join(directory, 'cache.sock'), path.join(directory, 'users')];
    await writeFile(users, 'bench:bench\n');
    return await startCommand(['memcached', '-s', socket, '-t', '1', '-u', 'root', '-Y', users], {
      transport: 'unix',
      path: socket,
    });
  },
};
