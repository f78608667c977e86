import { ClacksCache } from '@clacks/client';
import type { Client } from '@clacks/client';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestServer } from '../../../test/support/test-server.ts';
import { connectTo, withCode } from './support/clients.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('ClacksCache', () => {
  let server: TestServer;
  let client: Client;
  let cache: ClacksCache;

  beforeAll(async () => {
    server = await TestServer.start();
    client = await connectTo(server);
    cache = new ClacksCache(client);
  });
  afterAll(async () => {
    client.destroy();
    await server[Symbol.asyncDispose]();
  });

  const roundTrip = async (value: unknown): Promise<unknown> => {
    await cache.set('key', value);
    return cache.get('key');
  };

  it('any text comes back as it was kept', () =>
    fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 200 }), async (text) => {
        expect(await roundTrip(text)).toBe(text);
      }),
    ));

  it('any structured data comes back as it was kept', () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())),
        async (data) => {
          expect(await roundTrip(data)).toEqual(data);
        },
      ),
      { numRuns: 200 },
    ));

  it.each([
    'yes',
    'No',
    'null',
    '~',
    '1:30',
    '0o17',
    '0x1f',
    '017',
    '1_000',
    '<<',
    '=',
    '- a',
    'a: b',
    '2020-01-01',
    'x'.repeat(200) + ' y',
    'a\nb',
    '---',
    '1e3',
    '.inf',
    '#',
    '{',
  ])('the text %j within structured data stays text, as key and as value', async (text) => {
    expect(await roundTrip([text])).toEqual([text]);
    expect(await roundTrip({ [text]: text })).toEqual({ [text]: text });
  });

  it('numbers come back as text, and count', async () => {
    expect(await roundTrip(41)).toBe('41');
    await cache.incr('key');
    await cache.decr('key', 0.5);
    expect(await cache.get('key')).toBe('41.5');
  });

  it('bytes and sets come back as they were kept', async () => {
    const bytes = new Uint8Array([0, 13, 10, 255]);
    const value = { bytes, set: new Set(['a', 1]) };
    expect(await roundTrip(value)).toEqual({ ...value, bytes: Buffer.from(bytes) });
    expect(await roundTrip(bytes)).toEqual(Buffer.from(bytes));
  });

  it.each([null, true, [], {}])('%j comes back as it was kept', async (value) => {
    expect(await roundTrip(value)).toEqual(value);
  });

  it.each([
    ['with the blank after the marker', `PAGECAMELCLACKSYAMLB64: ${base64('---\na: 1\n')}`],
    ['without the blank', `PAGECAMELCLACKSYAMLB64:${base64('---\na: 1\n')}`],
    ['without the header', `PAGECAMELCLACKSYAMLB64: ${base64('a: 1\n')}`],
  ])('reads what Perl wrote, %s', async (_, raw) => {
    await client.store('perl', raw);
    expect(await cache.get('perl')).toEqual({ a: 1 });
  });

  it('reads text that Perl does not quote, and loses no character of what may be a number', async () => {
    const written = {
      ',foo': ',foo',
      at: '@foo',
      percent: '%foo',
      zip: '007',
      version: '1.50',
      big: '12345678901234567890',
      hex: '0x1f',
      '010': 8,
      half: 0.5,
    };
    const yaml = Object.entries(written).map(([key, value]) => `${key}: ${value}\n`);
    await client.store('perl', `PAGECAMELCLACKSYAMLB64: ${base64(`--- \n${yaml.join('')}`)}`);
    expect(await cache.get('perl')).toEqual(written);
  });

  it('writes what Perl reads', async () => {
    await cache.set('key', { a: 1 });
    const raw = await client.retrieve('key', { as: 'raw' });
    expect(raw).toMatch(/^PAGECAMELCLACKSYAMLB64: LS0t/u);
    await cache.set('key', 'a\nb');
    expect(await client.retrieve('key', { as: 'raw' })).toBe('PAGECAMELCLACKSB64:YQpi');
  });

  it.each([
    ['not base64', '!!!'],
    ['no YAML', base64('a: [')],
  ])('a marked value that is %s is an error with a code', async (_, data) => {
    await client.store('broken', `PAGECAMELCLACKSYAMLB64: ${data}`);
    await expect(cache.get('broken')).rejects.toEqual(withCode('CLACKS_ERR_BAD_VALUE'));
  });

  it('spaces and = in keys become ___', async () => {
    await client.clearCache();
    await cache.set('a b=c', 'x');
    expect(await cache.keys()).toEqual(['a___b___c']);
    expect(await cache.get('a b=c')).toBe('x');
    await cache.delete('a b=c');
    expect(await cache.get('a b=c')).toBeUndefined();
    await expect(async () => cache.set('a\nb', 'x')).rejects.toThrow(TypeError);
  });

  it('refuses what would come back as something else', async () => {
    for (const value of [
      'PAGECAMELCLACKSB64:x',
      'PAGECAMELCLACKSB64',
      'PAGECAMELCLACKSYAMLB64: x',
    ]) {
      await expect(async () => cache.set('key', value)).rejects.toThrow(TypeError);
    }
    for (const value of [undefined, () => 1, Symbol('x')]) {
      await expect(async () => cache.set('key', value)).rejects.toThrow(TypeError);
    }
  });
});
