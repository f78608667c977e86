import { describe, expect, it } from 'vitest';
import { createUserAuthenticator } from '../../src/auth/users.ts';
import type { UserConfig } from '../../src/auth/users.ts';
import type { Authenticate, ConnectionFacts } from '../../src/broker/ports.ts';
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

describe('hashes of different costs', () => {
  const timeOf = async (authenticate: Authenticate, username: string): Promise<number> => {
    const beganAt = performance.now();
    await authenticate(username, 'wrong', connection, signal);
    return performance.now() - beganAt;
  };

  it('do not tell which names there are: each other name costs as much as one of them', async () => {
    const authenticate = createUserAuthenticator([
      { username: 'cheap', password: cheapHash('x'), permissions: readOnly },
      { username: 'dear', password: cheapHash('x', 2 ** 15), permissions: readOnly },
    ]);
    // The load of the machine makes a check slower, never faster.
    const leastOf = async (name: string): Promise<number> =>
      Math.min(await timeOf(authenticate, name), await timeOf(authenticate, name));
    const bound = (await leastOf('dear')) / 3;
    const costs = new Set<boolean>();
    for (let number = 0; number < 30; number++) {
      costs.add((await leastOf(`nobody ${number}`)) > bound);
    }
    expect(costs).toEqual(new Set([true, false]));
  });
});

describe('users with a certificate', () => {
  const withSubject = (certificateSubject?: string): ConnectionFacts => ({
    ...connection,
    transport: 'tls',
    ...(certificateSubject !== undefined && { certificateSubject }),
  });
  const sensor = withSubject('CN=sensor,O=House');
  const others = [undefined, '', 'CN=sensor', 'CN=sensor,O=House,OU=x', 'cn=sensor,o=house'];
  const users: UserConfig[] = [
    { username: 'admin', password: 'secret', permissions: all },
    { username: 'sensor', certificateSubject: 'CN=sensor,O=House', permissions: readOnly },
    { username: 'both', password: 'x', certificateSubject: 'CN=sensor,O=House', permissions: all },
  ];
  const hashedBoth: UserConfig = {
    username: 'hashed',
    password: cheapHash('x'),
    certificateSubject: 'CN=sensor,O=House',
    permissions: readOnly,
  };

  it('and no password are let in with that certificate, whatever password they send', () => {
    const authenticate = createUserAuthenticator(users);
    expect(authenticate('sensor', '', sensor, signal)).toEqual(readOnly);
    expect(authenticate('sensor', 'anything', sensor, signal)).toEqual(readOnly);
    for (const subject of others) {
      expect(authenticate('sensor', '', withSubject(subject), signal)).toBeUndefined();
    }
  });

  it('and a password need both', async () => {
    const authenticate = createUserAuthenticator([...users, hashedBoth]);
    expect(authenticate('both', 'x', sensor, signal)).toEqual(all);
    expect(await authenticate('hashed', 'x', sensor, signal)).toEqual(readOnly);
    for (const username of ['both', 'hashed']) {
      expect(await authenticate(username, '', sensor, signal)).toBeUndefined();
      for (const subject of others) {
        // Also now that the password is known to be right.
        expect(await authenticate(username, 'x', withSubject(subject), signal)).toBeUndefined();
      }
    }
  });

  it('are nobody else with it', () => {
    const authenticate = createUserAuthenticator(users);
    expect(authenticate('admin', '', sensor, signal)).toBeUndefined();
    expect(authenticate('nobody', '', sensor, signal)).toBeUndefined();
  });

  it('cost the same check when they are refused', async () => {
    const authenticate = createUserAuthenticator([...users, hashedBoth]);
    for (const username of ['sensor', 'both', 'hashed', 'nobody']) {
      const answer = authenticate(username, 'x', withSubject('CN=other'), signal);
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
    const neither = { username: 'a', permissions: all };
    expect(() => createUserAuthenticator([neither])).toThrow(
      /neither a password nor a certificate/u,
    );
  });
});
