import { NodeUnderTest } from '../node-under-test.ts';
import { onServerCore } from '../machine/cores.ts';
import { bytesOf } from './dialect.ts';
import type { CacheDialect, Dialect } from './dialect.ts';
import type { Peer } from './peer.ts';

const token = Buffer.from('bench').toString('base64');
const fence = { send: bytesOf('FLUSH fence\r\n'), answer: 'FLUSHED fence\r\n' };

const cache: CacheDialect = {
  store: (name, value) => bytesOf(`STORE ${name}=${value}\r\n`),
  stored: () => '',
  retrieve: (name) => bytesOf(`RETRIEVE ${name}\r\n`),
  retrieved: (name, value) => `RETRIEVED ${name}=${value}\r\n`,
  increment: (name) => bytesOf(`INCREMENT ${name}\r\n`),
  incremented: () => '',
  end: fence,
};

const dialect: Dialect = {
  separator: '::',
  anyLevel: '*',
  login: () => ({
    send: bytesOf(`CLACKS bench\r\nOVERHEAD A ${token}:${token}\r\nNOPING\r\nFLUSH fence\r\n`),
    answer: fence.answer,
  }),
  listen: (names) => bytesOf(names.map((name) => `LISTEN ${name}\r\n`).join('')),
  publish: (name, value) => bytesOf(`SET ${name}=${value}\r\n`),
  deliver: (_subscription, name, value) => bytesOf(`SET ${name}=${value}\r\n`),
  fence: () => fence,
  cache,
};

/** Our node, with login, permissions, limits and a log. */
export const clacks: Peer = {
  name: 'clacks',
  plain: 'unix',
  hasTls: true,
  dialect,
  version: () => 'this tree',
  start: async ({ transport, certificate }) => {
    const node = await NodeUnderTest.start('', {
      certificate,
      wrapper: onServerCore,
      asInProduction: true,
    });
    return {
      pid: node.pid,
      address:
        transport === 'tls'
          ? { transport, port: node.connection.port ?? 0 }
          : { transport: 'unix', path: node.socketPath },
      residentBytes: async (settleMs) => (await node.resident(settleMs)).bytes,
      stop: () => node[Symbol.asyncDispose](),
    };
  },
};
