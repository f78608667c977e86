import { chmod } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigDirectory, account, errorOf } from './support.ts';

describe('client certificates', () => {
  const files = { 'ca.crt': '', 'server.crt': '', 'server.key': '' };
  const load = async (ssl: string) => {
    const content = `${account}<socket>s</socket><ssl cert="server.crt" key="server.key" ${ssl}/>`;
    await using directory = await ConfigDirectory.with({
      ...files,
      'c.xml': `<clacks>${content}</clacks>`,
    });
    return await loadConfig('c.xml', directory);
  };

  it('are required when it is given who signs them, unless it says otherwise', async () => {
    expect((await load('')).tls?.requireClientCert).toBe(false);
    expect((await load('ca="ca.crt"')).tls?.requireClientCert).toBe(true);
    expect((await load('ca="ca.crt" requireclientcert="1"')).tls?.requireClientCert).toBe(true);
    expect((await load('ca="ca.crt" requireclientcert="0"')).tls?.requireClientCert).toBe(false);
  });

  it('cannot be required without saying who signs them', async () => {
    const { message } = await errorOf(load('requireclientcert="1"'));
    expect(message).toMatch(
      /c\.xml:1: ssl: requireclientcert needs <ca> in <ssl>, which says who/u,
    );
  });
});

describe.skipIf(process.platform === 'win32')('a file that others can read', () => {
  const hash = `scrypt:16384:8:1:${'A'.repeat(22)}==:${'A'.repeat(43)}=`;
  const noticesOf = async (mode: number, password: string, variables = {}) => {
    await using directory = await ConfigDirectory.with({
      'c.xml': `<clacks username="a" password="${password}"><socket>s</socket></clacks>`,
    });
    await chmod(directory.at('c.xml'), mode);
    Object.assign(directory.environment, variables);
    return (await loadConfig('c.xml', directory)).notices;
  };

  it('and that holds a password in clear is told of', async () => {
    for (const mode of [0o644, 0o604, 0o640]) {
      expect(await noticesOf(mode, 'secret')).toEqual([
        expect.stringMatching(
          new RegExp(
            `^others can read .*c\\.xml \\(mode 0${mode.toString(8)}\\).*chmod 600 .*clacks hash-password$`,
            'u',
          ),
        ),
      ]);
    }
    expect((await noticesOf(0o644, 'secret')).join('')).not.toContain('secret');
  });

  it('is nobody’s concern if it holds hashes, or passwords come from elsewhere', async () => {
    expect(await noticesOf(0o600, 'secret')).toEqual([]);
    expect(await noticesOf(0o644, hash)).toEqual([]);
    expect(await noticesOf(0o644, 'PC_PASSWORD', { PC_PASSWORD: 'secret' })).toEqual([]);
  });
});
