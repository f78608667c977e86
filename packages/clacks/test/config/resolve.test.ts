import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { defaultConfig } from '../../src/config/defaults.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import type { ServerConfigInput } from '../../src/config/resolve.ts';

const users = [{ username: 'a', password: 'b' }];
const valid: ServerConfigInput = { sockets: ['s'], users };
const all = { read: true, write: true, manage: true, interclacks: true };
const none = { read: false, write: false, manage: false, interclacks: false };

const messageOf = (input: unknown): string => {
  try {
    resolveConfig(input as ServerConfigInput);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('it was accepted');
};

describe('a configuration as an object', () => {
  it('gets the defaults for what it leaves out', () => {
    expect(resolveConfig(valid)).toEqual({
      ...defaultConfig,
      sockets: ['s'],
      users: [{ username: 'a', password: 'b', permissions: all }],
    });
    expect(resolveConfig({ ...valid, port: undefined }).port).toBe(defaultConfig.port);
  });

  it('can be given again what came of it', () => {
    const config = resolveConfig({
      ...valid,
      ips: ['::1'],
      tls: { certFile: 'c', keyFile: 'k' },
      master: { ip: 'm', fingerprint: 'ab'.repeat(32) },
      maxOutbuffer: 2000,
      pingTimeoutMs: 0.5 + 1,
    });
    expect(config.tls).toEqual({
      certFile: 'c',
      keyFile: 'k',
      caFile: undefined,
      requireClientCert: false,
    });
    expect(config.notices).toHaveLength(1);
    expect(resolveConfig(config)).toEqual(config);
  });

  it('takes users with a certificate, with or without a password, and several of one', () => {
    const config = resolveConfig({
      ...valid,
      tls: { certFile: 'c', keyFile: 'k', caFile: 'ca' },
      users: [
        ...users,
        { username: 'c', certificateSubject: String.raw`CN=a\, b\0A, OU=x+O=y` },
        { username: 'd', password: 'p', certificateSubject: 'CN=x' },
        { username: 'e', certificateSubject: 'CN=x' },
      ],
    });
    expect(config.users[1]?.certificateSubject).toBe(String.raw`CN=a\, b\0A,OU=x+O=y`);
    expect(config.tls?.requireClientCert).toBe(true);
    expect(resolveConfig(config)).toEqual(config);
  });

  it('may have a WebSocket alone to listen on', () => {
    const webSocket = { tls: false, origins: ['https://House.example:443/'] };
    const config = resolveConfig({ users, webSocket });
    expect(config.webSocket).toEqual({
      http: false,
      ips: ['127.0.0.1'],
      port: 49_887,
      tls: false,
      origins: ['https://house.example'],
    });
    expect(resolveConfig(config)).toEqual(config);
  });

  it('does not change what it is given', () => {
    const input = Object.freeze({ ...valid, users: Object.freeze(users) });
    expect(resolveConfig(input)).not.toBe(input);
    expect(users).toEqual([{ username: 'a', password: 'b' }]);
  });

  it('allows users after the first only what is written', () => {
    const second = { username: 'c', password: 'd' };
    const third = { username: 'e', password: 'f', permissions: { read: true } };
    const config = resolveConfig({ ...valid, users: [...users, second, third] });
    const permissions = config.users.map((user) => user.permissions);
    expect(permissions).toEqual([all, none, { ...none, read: true }]);
  });

  it.each<[unknown, string]>([
    [{ ...valid, pingTimeout: 1 }, 'pingTimeout: unknown key; did you mean pingTimeoutMs?'],
    [
      { ...valid, tls: { cert: 'x', certFile: 'x', keyFile: 'x' } },
      'tls.cert: unknown key; did you mean tls.certFile?',
    ],
    [
      { ...valid, users: [{ ...users[0], permissions: { reed: true } }] },
      'users[0].permissions.reed: unknown key; did you mean permissions.read?',
    ],
    [{ users }, 'there is nothing to listen on: it needs ips, sockets or webSocket'],
    [
      { ips: ['::1'], users },
      'tls: is missing: ips needs a certificate and a key; make them with: clacks cert',
    ],
    [
      { ...valid, webSocket: {} },
      'tls: is missing: webSocket needs a certificate and a key; make them with: clacks cert',
    ],
    [
      { ...valid, webSocket: { tls: false, ips: ['0.0.0.0'] } },
      'webSocket: has no TLS: that is for this machine itself only, not for 0.0.0.0',
    ],
    [
      { ...valid, webSocket: { ips: [], tls: false } },
      'webSocket: has nothing to listen on: it needs ips or http',
    ],
    [
      { ...valid, webSocket: { http: true } },
      'webSocket: is to be on the admin HTTP: it needs http',
    ],
    [
      { ...valid, http: {}, webSocket: { http: true, ips: ['127.0.0.1'] } },
      'webSocket: is on the admin HTTP, where ips, port and tls have no effect: remove them',
    ],
    [
      { ...valid, webSocket: { origins: ['*'] } },
      'webSocket.origins[0]: expected the origin of a page, such as https://house.example:8443',
    ],
    [
      { ...valid, webSocket: { origin: [] } },
      'webSocket.origin: unknown key; did you mean webSocket.origins?',
    ],
    [{ ...valid, users: [] }, 'users[0]: is missing: nobody could log in'],
    [{ ...valid, users: [...users, ...users] }, 'users[1]: "a" is given twice'],
    [{ ...valid, ips: ['1.2.3'] }, 'ips[0]: expected an IP address or a host name'],
    [
      { ...valid, users: [{ username: 'a', password: 'scrypt:secret' }] },
      'users[0].password: expected a password, or a hash of the form scrypt:N:r:p:salt:hash within the limits',
    ],
    [
      { ...valid, users: [{ ...users[0], permissions: { read: ['a b'] } }] },
      'users[0].permissions.read: the pattern "a b" has a space, a "=" or a line break, which no name has',
    ],
    [
      { ...valid, users: [{ ...users[0], permissions: { write: 'a' } }] },
      'users[0].permissions.write: expected true, false, or names',
    ],
    [
      { ...valid, users: [{ ...users[0], permissions: { read: ['a'], interclacks: true } }] },
      'users[0].permissions: a link takes all names: interclacks does not go with names',
    ],
    [
      { ...valid, tls: { certFile: 'c', keyFile: 'k', requireClientCert: true } },
      'tls: requireClientCert needs tls.caFile, which says who signs the certificates of clients',
    ],
    [
      { ...valid, users: [...users, { username: 'c', certificateSubject: 'CN=c' }] },
      'users[1]: certificateSubject needs tls.caFile, which says who signs the certificates of clients',
    ],
    [
      { ...valid, users: [...users, { username: 'c', certificateSubject: 'sensor' }] },
      'users[1].certificateSubject: expected the subject of a certificate, in its order, such as CN=sensor,O=House',
    ],
    [
      { ...valid, users: [...users, { username: 'c' }] },
      'users[1]: has neither a password nor a certificateSubject',
    ],
    [
      { ...valid, users: [{ username: 'a', certificateSubject: 'CN=c' }] },
      'users[0]: is the main user: links log in with its password, and without a certificateSubject',
    ],
    [{ ...valid, master: {} }, 'master: needs ip or socket'],
    [
      { ...valid, master: { ip: 'm', certFile: 'c' } },
      'master: has only one of certFile and keyFile: they belong together',
    ],
    [
      { ...valid, master: { ip: 'm', insecure: true, fingerprint: 'ab'.repeat(32) } },
      'master: insecure checks no certificate: remove it, or caFile and fingerprint',
    ],
  ])('names the wrong key: %j', (input, message) => {
    expect(messageOf(input)).toBe(message);
  });

  it.each<[object, RegExp]>([
    [{ port: 70_000 }, /^port: /u],
    [{ port: 1.5 }, /^port: /u],
    [{ pingTimeoutMs: 0 }, /^pingTimeoutMs: /u],
    [{ pingTimeoutMs: Number.NaN }, /^pingTimeoutMs: /u],
    [{ maxLineLength: '5' }, /^maxLineLength: /u],
    [{ socketMode: 0o1000 }, /^socketMode: /u],
    [{ users: [{ username: '', password: 'x' }] }, /^users\[0\]\.username: /u],
    [{ master: { ip: 'm', fingerprint: 'x' } }, /^master\.fingerprint: /u],
  ])('checks every value: %j', (input, message) => {
    expect(messageOf({ ...valid, ...input })).toMatch(message);
  });

  it('must be an object', () => {
    expect(messageOf(undefined)).toMatch(/expected object/u);
  });
});
