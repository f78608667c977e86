import { bytesOf } from './dialect.ts';
import type { CacheDialect, Dialect, Role } from './dialect.ts';
import type { Peer } from './peer.ts';
import { startScript } from './script.ts';

const line = (name: string, value: string): string => `SET ${name}=${value}\r\n`;

const cache: CacheDialect = {
  store: (name, value) => bytesOf(line(name, value)),
  stored: line,
  retrieve: (name) => bytesOf(`GET ${name}\r\n`),
  retrieved: (name) => `GET ${name}\r\n`,
  increment: (name) => bytesOf(`ADD ${name}\r\n`),
  incremented: (name) => `ADD ${name}\r\n`,
};

const dialectFor = (listeners?: number): Dialect => {
  const roles: Record<Role, string> = {
    listen: 'LISTEN',
    publish: listeners === undefined ? 'SEND' : `SEND ${listeners}`,
    cache: 'ECHO',
  };
  const login = (role: Role) => ({ send: bytesOf(`${roles[role]}\r\n`), answer: 'OK\r\n' });
  return {
    separator: '::',
    anyLevel: '*',
    login,
    listen: () => Buffer.alloc(0),
    publish: (name, value) => bytesOf(line(name, value)),
    deliver: (_subscription, name, value) => bytesOf(line(name, value)),
    fence: login,
    cache,
  };
};

const base = {
  hasTls: true,
  dialect: dialectFor(),
  spreading: dialectFor,
  version: () => process.version,
  start: (options) => startScript('forwarder-process.js', options),
} satisfies Partial<Peer>;

/** A bare process of Node.js that forwards lines without any logic: the floor of all that runs on it. */
export const forwarder: Peer = { ...base, name: 'forwarder', plain: 'unix' };

/** The same over TCP: what the transport makes. */
export const forwarderTcp: Peer = { ...base, name: 'forwarder-tcp', plain: 'tcp', hasTls: false };
