import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatConnectionUrl, parseConnectionUrl } from '../../src/cli/connection-url.ts';

const parse = (text: string) => parseConnectionUrl(text, 'CLACKS_URL');

describe('a connection URL', () => {
  it('is read, with its parts percent-decoded', () => {
    expect(parse('clacks://us%40er:p%3A%2F%40ss@example.org:5000')).toEqual({
      address: { kind: 'tcp', host: 'example.org', port: 5000 },
      username: 'us@er',
      password: 'p:/@ss',
    });
    expect(parse('clacks://[::1]/').address).toEqual({ kind: 'tcp', host: '::1' });
    expect(parse('clacks+unix:///run/my%20socket').address).toEqual({
      kind: 'unix',
      path: '/run/my socket',
    });
    expect(parse('clacks+unix://u:@/s')).toMatchObject({ username: 'u', password: '' });
  });

  it.each([
    'example.org:5000',
    'https://example.org',
    'clacks://',
    'clacks://u:secret@',
    'clacks://u:secret@host:99999',
    'clacks://u:secret@host:0',
    'clacks://u:secret@host:x',
    'clacks://u:secret@host/path',
    'clacks://u:secret@host?x=1',
    'clacks://u:sec/ret@host',
    'clacks://u:secret%zz@host',
    'clacks+unix://u:secret@host/path',
    'clacks+unix://',
  ])('%s is refused, without telling the password', (text) => {
    expect(() => parse(text)).toThrow(/^CLACKS_URL is no clacks URL: [^\n]*$/u);
    expect(() => parse(text)).not.toThrow(/sec/u);
  });

  it('is written so that it is read as the same', () => {
    const username = fc.string({ minLength: 1, unit: 'grapheme' });
    const password = fc.string({ unit: 'grapheme' });
    const address = fc.oneof(
      fc.record({
        kind: fc.constant('tcp' as const),
        host: fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()),
        port: fc.integer({ min: 1, max: 65_535 }),
      }),
      fc.record({
        kind: fc.constant('unix' as const),
        path: fc.string({ minLength: 1, unit: 'grapheme' }).map((name) => `/${name}`),
      }),
    );
    const connection = fc.record({ address, username, password });
    fc.assert(
      fc.property(connection, (given) => {
        expect(parse(formatConnectionUrl(given))).toEqual(given);
      }),
    );
  });
});
