import { base64FromWire, encodeValue, encodeYaml, wireFromText } from '@clacks/protocol';
import type { ApiCacheValue } from 'clacks/admin-api';
import { describe, expect, it } from 'vitest';
import { decodeValue } from '../../src/views/cache/decode-value.ts';
import { changeForm, encodeInput, inputFormOf } from '../../src/views/cache/encode-value.ts';
import { hexLine } from '../../src/views/cache/hex.ts';

const cached = (value: string, rest: Partial<ApiCacheValue> = {}): ApiCacheValue => ({
  ...{ name: 'x', encoding: 'text', value, bytes: value.length, isTruncated: false },
  ...{ isCounter: false, writtenAtMs: 0, usedAtMs: 0, ...rest },
});

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

/** What a value is after somebody opened and stored it as it was. */
const storedAgain = (wire: string): string => {
  const decoded = decodeValue(cached(wire));
  const form = inputFormOf(decoded);
  // As a field of a page has it.
  const typed =
    form === 'base64'
      ? Buffer.from(decoded.bytes).toString('base64')
      : (decoded.text ?? '').replaceAll(/\r\n?/gu, '\n');
  const { value, encoding } = encodeInput(form, typed, decoded);
  return encoding === 'base64' ? `PAGECAMELCLACKSB64:${value}` : value;
};

describe('values of the cache', () => {
  it('are text as they are, and text, bytes and YAML in base64', () => {
    expect(decodeValue(cached('grün 😀'))).toMatchObject({ form: 'plain', text: 'grün 😀' });
    expect(decodeValue(cached(encodeValue('two\r\nlines')))).toMatchObject({
      form: 'base64',
      text: 'two\r\nlines',
    });
    expect(decodeValue(cached(encodeYaml('a: 1\n')))).toMatchObject({
      form: 'yaml',
      text: 'a: 1\n',
    });
    const bytes = decodeValue(cached(encodeValue(bytesOf('\xff\x00'))));
    expect(bytes.text).toBeUndefined();
    expect([...bytes.bytes]).toEqual([255, 0]);
  });

  it('are shown as they came if they only look encoded', () => {
    const value = 'PAGECAMELCLACKSB64:!!!';
    expect(decodeValue(cached(value))).toMatchObject({ form: 'plain', text: value });
  });

  it('are bytes if the wire has bytes that are no UTF-8', () => {
    const value = cached(base64FromWire('\xff\xfe'), { encoding: 'base64' });
    expect([...decodeValue(value).bytes]).toEqual([255, 254]);
  });

  it('are read as far as they are there', () => {
    const wire = encodeValue('äöü\n').slice(0, -3);
    const value = cached(base64FromWire(wire), { encoding: 'base64', isTruncated: true });
    expect(decodeValue(value).text).toBe('äöü');
    const plain = base64FromWire(wireFromText('äöü').slice(0, -1));
    expect(decodeValue(cached(plain, { encoding: 'base64', isTruncated: true })).text).toBe('äö');
  });

  it('are images by their first bytes', () => {
    const typeOf = (bytes: string) => decodeValue(cached(encodeValue(bytesOf(bytes)))).imageType;
    expect(typeOf('\x89PNG\r\n\x1a\n…')).toBe('image/png');
    expect(typeOf('\xff\xd8\xff\xe0')).toBe('image/jpeg');
    expect(typeOf('GIF89a')).toBe('image/gif');
    expect(typeOf('RIFF0000WEBPVP8 ')).toBe('image/webp');
    expect(typeOf('RIFF0000WAVE')).toBeUndefined();
    expect(typeOf('<svg xmlns="http://www.w3.org/2000/svg"/>')).toBeUndefined();
    expect(typeOf('')).toBeUndefined();
  });

  it('are laid out if they are JSON, without a change of numbers and strings', () => {
    const jsonOf = (value: string) => decodeValue(cached(value)).json;
    expect(jsonOf('{"b":12345678901234567890,"a":[1.0,"x:,{\\"é"],"e":[],"o":{ }}')).toBe(
      '{\n  "b": 12345678901234567890,\n  "a": [\n    1.0,\n    "x:,{\\"é"\n  ],\n  "e": [],\n  "o": {}\n}',
    );
    for (const none of ['12', '"text"', '{', '[1,]', '{a:1}', '', '['.repeat(5000)]) {
      expect(jsonOf(none)).toBeUndefined();
    }
    expect(jsonOf(`${'['.repeat(5000)}${']'.repeat(5000)}`)).toBeUndefined();
  });

  it.each([
    'plain',
    '',
    ' with blanks ',
    encodeValue('two\nlines'),
    encodeValue('two\r\nlines\r\n'),
    encodeValue('all\rkinds\nof\r\nends'),
    encodeValue(bytesOf('\xff\x00')),
    encodeValue(bytesOf('text that was sent as bytes')),
    encodeYaml('a: 1\nb: 2\n'),
  ])('are what they were when they are stored without a change: %j', (wire) => {
    expect(storedAgain(wire)).toBe(wire);
  });

  it('are encoded if others would take them for encoded ones, or if they have lines', () => {
    const text = 'PAGECAMELCLACKSB64:abc';
    const base64 = Buffer.from(text).toString('base64');
    expect(encodeInput('text', text)).toEqual({ value: base64, encoding: 'base64' });
    expect(encodeInput('text', 'a\nb').encoding).toBe('base64');
    expect(encodeInput('text', 'a b')).toEqual({ value: 'a b', encoding: 'text' });
    expect(encodeInput('base64', ' AP8= \n')).toEqual({ value: 'AP8=', encoding: 'base64' });
    expect(() => encodeInput('base64', 'no base64!')).toThrow('This is no base64.');
  });

  it('are kept when somebody chooses another way to type them', () => {
    expect(changeForm('text', 'base64', 'grün')).toBe('Z3LDvG4=');
    expect(changeForm('base64', 'text', 'Z3LDvG4=')).toBe('grün');
    expect(changeForm('base64', 'text', '/w==')).toBe('/w==');
    expect(changeForm('text', 'yaml', 'a: 1')).toBe('a: 1');
  });

  it('are dumped line by line', () => {
    const bytes = bytesOf('0123456789abcdef\x00~\xff');
    expect(hexLine(bytes, 1, 16)).toEqual({ offset: '000010', hex: '00 7e ff', ascii: '·~·' });
  });
});
