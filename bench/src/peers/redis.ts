import path from 'node:path';
import { writeCertificate } from '../certificate.ts';
import { bytesOf } from './dialect.ts';
import type { CacheDialect, Dialect } from './dialect.ts';
import type { Address, Peer, StartOptions } from './peer.ts';
import { freePort, startCommand, versionOf } from './server-process.ts';

const array = (...parts: string[]): string =>
  `*${parts.length}\r\n${parts.map((part) => `$${part.length}\r\n${part}\r\n`).join('')}`;
const request = (...parts: string[]): Buffer => bytesOf(array(...parts));

const isPattern = (name: string): boolean => name.includes('*');

const cache: CacheDialect = {
  store: (name, value) => request('SET', name, value),
  stored: () => '+OK\r\n',
  retrieve: (name) => request('GET', name),
  retrieved: (_name, value) => `$${value.length}\r\n${value}\r\n`,
  increment: (name) => request('INCR', name),
  incremented: (_name, result) => `:${result}\r\n`,
};

const dialect: Dialect = {
  separator: '::',
  anyLevel: '*',
  login: () => ({
    send: Buffer.concat([request('AUTH', 'bench'), request('PING')]),
    answer: '+PONG\r\n',
  }),
  listen: (names) =>
    bytesOf(
      names.map((name) => array(isPattern(name) ? 'PSUBSCRIBE' : 'SUBSCRIBE', name)).join(''),
    ),
  publish: (name, value) => request('PUBLISH', name, value),
  deliver: (subscription, name, value) =>
    isPattern(subscription.name)
      ? request('pmessage', subscription.name, name, value)
      : request('message', name, value),
  published: (receivers) => bytesOf(`:${receivers}\r\n`),
  // Who listens gets another answer.
  fence: (role) => ({
    send: request('PING'),
    answer: role === 'listen' ? array('pong', '') : '+PONG\r\n',
  }),
  cache,
};

const start = async (options: StartOptions, isOverTcp: boolean) => {
  const { transport, certificate, directory } = options;
  const socketPath = path.join(directory, 'redis.sock');
  const port = await freePort();
  const args = ['--save', '', '--appendonly', 'no', '--requirepass', 'bench', '--dir', directory];
  let address: Address = { transport: 'unix', path: socketPath };
  if (transport === 'tls') {
    const { certFile, keyFile } = await writeCertificate(certificate, directory);
    args.push('--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no');
    args.push('--tls-cert-file', certFile, '--tls-key-file', keyFile);
    address = { transport: 'tls', port };
  } else if (isOverTcp) {
    args.push('--port', String(port));
    address = { transport: 'tcp', port };
  } else args.push('--port', '0', '--unixsocket', socketPath);
  return await startCommand(['redis-server', ...args], address);
};

const program = 'redis-server';
const version = (): string | undefined => versionOf(program, '--version');

/** The redis-server of Debian. */
export const redis: Peer = {
  ...{ name: 'redis', plain: 'unix', hasTls: true, dialect, program, version },
  start: (options) => start(options, false),
};

/** The same over TCP. */
export const redisTcp: Peer = {
  ...{ name: 'redis-tcp', plain: 'tcp', hasTls: false, dialect, program, version },
  start: (options) => start(options, true),
};
