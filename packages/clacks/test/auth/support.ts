import { scryptSync } from 'node:crypto';
import type { ConnectionFacts, Permissions } from '../../src/broker/ports.ts';

export const all: Permissions = { read: true, write: true, manage: true, interclacks: true };
export const readOnly: Permissions = {
  read: true,
  write: false,
  manage: false,
  interclacks: false,
};

export const connection: ConnectionFacts = {
  transport: 'unix',
  host: 'unixdomainsocket',
  port: '1:1',
};

/** A hash that costs next to nothing to check, or more: the cost is a power of two. */
export const cheapHash = (password: string, cost = 2): string => {
  const salt = Buffer.from('sixteen bytes ok');
  const hash = scryptSync(password, salt, 32, { N: cost, r: 1, p: 1 });
  return `scrypt:${cost}:1:1:${salt.toString('base64')}:${hash.toString('base64')}`;
};

/** Of a connection that stays. */
export const signal: AbortSignal = new AbortController().signal;
