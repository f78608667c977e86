import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoredEntry } from '../../src/storage/stored-entry.ts';
import { formatEntryJson, parseEntryJson } from '../../src/cli/transfer/entry-json.ts';
import { readLines } from '../../src/cli/transfer/text-lines.ts';

const wire = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

const name = fc
  .uint8Array({ minLength: 1, maxLength: 30 })
  .map(wire)
  .filter((text) => !/[ \r\n]/u.test(text));
const value = fc
  .oneof(
    fc.uint8Array({ maxLength: 50 }).map(wire),
    fc.string({ unit: 'binary' }).map((text) => wire(Buffer.from(text))),
  )
  .filter((text) => !/[\r\n]/u.test(text));
/** Whole µs, as caches have them. */
const seconds = fc.integer({ min: 0, max: 4_000_000_000_000_000 }).map((us) => us / 1_000_000);

const entry: fc.Arbitrary<StoredEntry> = fc.oneof(
  fc.record({ name, value, cacheTime: seconds, accessTime: seconds }),
  fc.record({ name, cacheTime: seconds }).map(({ name: of, cacheTime }) => ({
    ...{ name: of, value: undefined },
    ...{ cacheTime, accessTime: 0 },
  })),
);

describe('an entry as a line of JSON', () => {
  it('is the same again, whatever bytes it has', () => {
    fc.assert(
      fc.property(entry, (original) => {
        const line = formatEntryJson(original);
        expect(line).not.toMatch(/[\r\n]/u);
        expect(parseEntryJson(line, undefined)).toEqual(original);
        expect(Math.round(original.cacheTime * 1_000_000) / 1_000_000).toBe(original.cacheTime);
      }),
    );
  });

  it('has text as text, and other bytes in base64', () => {
    const times = { cacheTime: 1.5, accessTime: 2 };
    const text = { name: 'gr\u00c3\u00bcn', value: '\u00ef\u00bb\u00bf"\u0000', ...times };
    expect(JSON.parse(formatEntryJson(text))).toEqual({
      name: 'grün',
      value: '\u{feff}"\u0000',
      cachetime: 1.5,
      accesstime: 2,
    });
    expect(formatEntryJson({ name: '\u00ff', value: '\u00fe', ...times })).toBe(
      '{"nameBase64":"/w==","valueBase64":"/g==","cachetime":1.5,"accesstime":2}',
    );
  });

  it.each([
    ['', /no JSON/u],
    ['{"name":"secret"', /no JSON/u],
    ['[]', /a JSON object/u],
    ['null', /a JSON object/u],
    ['{"value":"1","cachetime":1}', /expected a name/u],
    ['{"name":"","value":"1","cachetime":1}', /at least one character/u],
    ['{"name":"a b","value":"1","cachetime":1}', /without blanks/u],
    ['{"name":"a\\nb","value":"1","cachetime":1}', /without blanks and line breaks/u],
    ['{"nameBase64":"YQ0=","value":"1","cachetime":1}', /without blanks and line breaks/u],
    ['{"name":"a","value":"1\\r","cachetime":1}', /value without line breaks/u],
    ['{"name":"a","valueBase64":"Cg==","cachetime":1}', /value without line breaks/u],
    ['{"name":"a","valueBase64":"?","cachetime":1}', /base64 as valueBase64/u],
    ['{"name":"a","value":"1","valueBase64":"","cachetime":1}', /either value or valueBase64/u],
    ['{"name":"a","cachetime":1}', /either a value or "deleted":true/u],
    ['{"name":"a","value":"1","deleted":true,"cachetime":1}', /either a value or/u],
    ['{"name":"a","value":1,"cachetime":1}', /a string as value/u],
    ['{"name":"a","value":"\\ud800","cachetime":1}', /expected text as value/u],
    ['{"name":"a","value":"1"}', /expected a cachetime/u],
    ['{"name":"a","value":"1","cachetime":-1}', /seconds since 1970 as cachetime/u],
    ['{"name":"a","value":"1","cachetime":1,"accesstime":1e300}', /since 1970 as accesstime/u],
    ['{"name":"a","vaule":"1","cachetime":1}', /none but the keys name, nameBase64/u],
    ['{"__proto__":"a","name":"a","value":"1","cachetime":1}', /none but the keys/u],
  ])('is refused if it is %s', (line, message) => {
    expect(() => parseEntryJson(line, undefined)).toThrow(message);
    expect(() => parseEntryJson(line, undefined)).not.toThrow(/secret/u);
  });

  it('needs no times where they do not count', () => {
    expect(parseEntryJson('{"name":"a","value":"1"}', 5)).toEqual({
      ...{ name: 'a', value: '1' },
      ...{ cacheTime: 5, accessTime: 5 },
    });
  });
});

/** All lines of a text that comes in such pieces, each with its number. */
const numbered = async (pieces: readonly Uint8Array[]): Promise<[number, string][]> => {
  const found: [number, string][] = [];
  const chunks = (async function* chunks() {
    for (const piece of pieces) yield Promise.resolve(Buffer.from(piece));
  })();
  for await (const { lines, firstNumber } of readLines(chunks, 'test')) {
    for (const [index, line] of lines.entries()) found.push([firstNumber + index, line]);
  }
  return found;
};

describe('a text that is read as lines', () => {
  it('is the same however it is cut', async () => {
    const text = Buffer.from('{"a":"ü\u2028"}\r\n\n\r\nzwei€\n\nlast');
    const expected = [
      [1, '{"a":"ü\u2028"}'],
      [2, ''],
      [3, ''],
      [4, 'zwei€'],
      [5, ''],
      [6, 'last'],
    ];
    expect(await numbered([text])).toEqual(expected);
    for (let size = 1; size < text.length; size++) {
      const pieces: Buffer[] = [];
      for (let start = 0; start < text.length; start += size) {
        pieces.push(text.subarray(start, start + size));
      }
      expect(await numbered(pieces)).toEqual(expected);
    }
  });

  it('is refused if it is no UTF-8, with the line', async () => {
    const text = Buffer.from('one\ntwo\n\u00ff\nfour', 'latin1');
    await expect(numbered([text])).rejects.toThrow('test: line 3: expected UTF-8.');
    const pieces = [...text].map((byte) => Buffer.from([byte]));
    await expect(numbered(pieces)).rejects.toThrow('test: line 3: expected UTF-8.');
  });
});
