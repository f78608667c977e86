import { describe, expect, it } from 'vitest';
import {
  hashPassword,
  isPasswordHash,
  parsePasswordHash,
  verifyPassword,
} from '../../src/auth/scrypt.ts';
import type { PasswordHash } from '../../src/auth/scrypt.ts';
import { cheapHash, signal } from './support.ts';

const parsed = (text: string) => {
  const hash = parsePasswordHash(text);
  if (hash === undefined) throw new Error('no hash');
  return hash;
};

const verify = (password: string, hash: PasswordHash) =>
  verifyPassword(password, hash, 'host', signal);

describe('a password hash', () => {
  it('is of the right password only, and has a salt of its own', async () => {
    const [first, second] = await Promise.all([hashPassword('sécret'), hashPassword('sécret')]);
    expect(first).toMatch(/^scrypt:32768:8:3:[\w+/]{22}==:[\w+/]{43}=$/u);
    expect(first).not.toBe(second);
    expect(isPasswordHash(first)).toBe(true);
    expect(await verify('sécret', parsed(first))).toBe(true);
    expect(await verify('secret', parsed(first))).toBe(false);
  });

  it('is checked with the costs that it names', async () => {
    expect(await verify('x', parsed(cheapHash('x')))).toBe(true);
    const dearer = cheapHash('x').replace('scrypt:2:', 'scrypt:4:');
    expect(await verify('x', parsed(dearer))).toBe(false);
  });

  const [, , , , salt = '', hash = ''] = cheapHash('x').split(':');
  it.each([
    'scrypt:',
    'scrypt:2:1:1',
    `scrypt:2:1:1:${salt}`,
    `scrypt:3:1:1:${salt}:${hash}`,
    `scrypt:0:1:1:${salt}:${hash}`,
    `scrypt:1:1:1:${salt}:${hash}`,
    `scrypt:2:0:1:${salt}:${hash}`,
    `scrypt:2:1:0:${salt}:${hash}`,
    `scrypt:-2:1:1:${salt}:${hash}`,
    `scrypt:2:1:1::${hash}`,
    `scrypt:2:1:1:${salt}:`,
    `scrypt:2:1:1:${salt}:${hash}:x`,
    `scrypt:2:1:1:${salt}:!${hash}`,
    `scrypt:2:1:1:${salt}:${hash}\n`,
    `scrypt:1048576:8:1:${salt}:${hash}`,
    `scrypt:524288:8:8:${salt}:${hash}`,
    `scrypt:2:1:1:${salt}:AAAA`,
  ])('that is malformed, too short or too costly is none: %s', (text) => {
    expect(isPasswordHash(text)).toBe(true);
    expect(parsePasswordHash(text)).toBeUndefined();
  });
});
