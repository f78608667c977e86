import { decodeToken, encodeToken } from '@clacks/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wireText } from './arbitraries.ts';

const text = fc.string({ unit: 'grapheme' });

describe('a login token', () => {
  it('carries every username and password', () => {
    fc.assert(
      fc.property(text, text, (username, password) => {
        const token = encodeToken({ username, password });
        expect(token).toMatch(/^[\w+/=]*:[\w+/=]*$/u);
        expect(decodeToken(token)).toEqual({ username, password });
      }),
    );
  });

  it('is UTF-8 in padded base64', () => {
    const credentials = { username: 'exampleuser', password: 'pässword' };
    expect(encodeToken(credentials)).toBe('ZXhhbXBsZXVzZXI=:cMOkc3N3b3Jk');
    expect(decodeToken('ZXhhbXBsZXVzZXI:cMOkc3N3b3Jk')).toEqual(credentials);
  });

  it.each(['', 'abc', 'YQ==', 'Y:YQ==', 'YQ==:Y', 'YQ==:Y Q=', 'YQ==:YQ==:YQ==', '-_:YQ=='])(
    'that is none is not decoded: %j',
    (token) => {
      expect(decodeToken(token)).toBeUndefined();
    },
  );

  it('may be anything without an error', () => {
    fc.assert(
      fc.property(wireText, (token) => {
        decodeToken(token);
      }),
    );
  });
});
