import { describe, expect, it } from 'vitest';
import { createUserAuthenticator } from '../../src/auth/users.ts';
import { all, cheapHash, connection, readOnly, signal } from './support.ts';

const clearOnly = createUserAuthenticator([
  { username: 'admin', password: 'secret', permissions: all },
  { username: 'reader', password: 'sécret €', permissions: readOnly },
]);

const mixed = createUserAuthenticator([
  { username: 'admin', password: 'secret', permissions: all },
  { username: 'hashed', password: cheapHash('sécret €'), permissions: readOnly },
]);

describe('passwords in clear', () => {
  it('are answered at once, with the permissions of the user', () => {
    expect(clearOnly('admin', 'secret', connection, signal)).toEqual(all);
    expect(clearOnly('reader', 'sécret €', connection, signal)).toEqual(readOnly);
    expect(mixed('admin', 'secret', connection, signal)).toEqual(all);
  });

  it.each([
    ['admin', 'secre'],
    ['admin', 'secrets'],
    ['admin', ''],
    ['admin', 'sécret €'],
    ['Admin', 'secret'],
    ['', ''],
    ['constructor', 'secret'],
    ['__proto__', 'secret'],
  ])('are refused if they are not exactly right: %s, %s', async (username, password) => {
    expect(clearOnly(username, password, connection, signal)).toBeUndefined();
    expect(await mixed(username, password, connection, signal)).toBeUndefined();
  });
});

describe('hashed passwords', () => {
  it('are let in, and then remembered without a promise', async () => {
    const authenticate = createUserAuthenticator([
      { username: 'hashed', password: cheapHash('x'), permissions: readOnly },
    ]);
    const first = authenticate('hashed', 'x', connection, signal);
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toEqual(readOnly);
    expect(authenticate('hashed', 'x', connection, signal)).toEqual(readOnly);
  });

  it('are refused if wrong, each time after a check', async () => {
    for (let attempt = 0; attempt < 2; attempt++) {
      const answer = mixed('hashed', 'wrong', connection, signal);
      expect(answer).toBeInstanceOf(Promise);
      expect(await answer).toBeUndefined();
    }
  });

  it('are never compared as text', async () => {
    expect(await mixed('hashed', cheapHash('sécret €'), connection, signal)).toBeUndefined();
  });

  it('cost an unknown user, and a wrong password in clear, the same check', async () => {
    for (const username of ['nobody', 'admin']) {
      const answer = mixed(username, 'sécret €', connection, signal);
      expect(answer).toBeInstanceOf(Promise);
      expect(await answer).toBeUndefined();
    }
  });
});

describe('a list of users', () => {
  it('may be empty: then nobody gets in', () => {
    expect(createUserAuthenticator([])('admin', '', connection, signal)).toBeUndefined();
  });

  it('may not hold a malformed hash, or a user twice', () => {
    const user = { username: 'a', password: 'scrypt:topsecret', permissions: all };
    expect(() => createUserAuthenticator([user])).toThrow(
      /^The password hash of a is malformed\.$/u,
    );
    const twice = [
      { ...user, password: 'x' },
      { ...user, password: cheapHash('x') },
    ];
    expect(() => createUserAuthenticator(twice)).toThrow(TypeError);
  });
});
