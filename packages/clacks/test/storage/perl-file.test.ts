import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ClacksError } from '@clacks/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PerlFileError } from '../../src/storage/perl-file-error.ts';
import { perlFileChunks } from '../../src/storage/perl-file-writer.ts';
import { isPerlFile, readPerlFile } from '../../src/storage/perl-file.ts';
import type { StoredEntry } from '../../src/storage/stored-entry.ts';

// Made by YAML::Syck itself: see make-fixtures.pl beside them.
const data = path.join(import.meta.dirname, 'data');
const fixture = (name: string): Buffer => readFileSync(path.join(data, name));

type Row = [name: string, value: string | null, cacheTime: number, accessTime: number];

const expectedOf = (name: string): Row[] =>
  JSON.parse(readFileSync(path.join(data, `${name}.json`), 'utf8')) as Row[];

const rowsOf = (entries: readonly StoredEntry[]): Row[] =>
  entries
    .map(({ name, value, cacheTime, accessTime }): Row => {
      return [name, value ?? null, cacheTime, accessTime];
    })
    .sort(([left], [right]) => (left < right ? -1 : 1));

const write = (entries: Iterable<StoredEntry>): Buffer =>
  Buffer.concat([...perlFileChunks(entries)]);
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const current = (yaml: string): Buffer => latin1(`\0CLACKSV3${yaml}\0CLACKSV3`);
const base64 = (yaml: string): string => latin1(yaml).toString('base64');

const errorOf = (bytes: Buffer, file?: string): PerlFileError => {
  try {
    readPerlFile(bytes, file);
  } catch (error) {
    if (error instanceof PerlFileError) return error;
    throw error;
  }
  throw new Error('It was read.');
};

describe('a file that YAML::Syck wrote', () => {
  it.each([
    ['current.bin', 'current'],
    ['current-implicitunicode.bin', 'current'],
    ['current-singlequote.bin', 'current'],
    ['current-headless.bin', 'current'],
    ['current-kinds.bin', 'current-kinds'],
    ['current-shared.bin', 'current-shared'],
    ['current-empty.bin', 'current-empty'],
    ['older.txt', 'older'],
    ['older-two.txt', 'older-two'],
    ['older-empty.txt', 'older-empty'],
  ])('%s is read as it was meant', (name, expected) => {
    const bytes = fixture(name);
    expect(isPerlFile(bytes)).toBe(true);
    expect(rowsOf(readPerlFile(bytes))).toEqual(expectedOf(expected));
  });

  it('may have line ends around its markers, or none', () => {
    const yaml = '--- \na: \n  data: b';
    const expected = [{ name: 'a', value: 'b', cacheTime: 0, accessTime: 0 }];
    for (const lineEnd of ['', '\n', '\r\n', '\n\n']) {
      const body = `${lineEnd}${yaml}\n${lineEnd}`;
      expect(readPerlFile(latin1(`\0CLACKSV3${body}\0CLACKSV3${lineEnd}`))).toEqual(expected);
    }
    expect(readPerlFile(current(yaml))).toEqual(expected);
    const older = fixture('older-two.txt').toString('latin1');
    const read = rowsOf(readPerlFile(latin1(older)));
    expect(rowsOf(readPerlFile(latin1(older.trimEnd())))).toEqual(read);
    expect(rowsOf(readPerlFile(latin1(older.replaceAll('\n', '\r\n'))))).toEqual(read);
  });
});

const wireCharacter = fc.oneof(
  fc.constantFrom(...Array.from(' :#\'"\\&*!|>%@`,[]{}?-~\n\r\t\0.=<0123456789eE+x')),
  fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
);
const wire = fc.string({ unit: wireCharacter, maxLength: 60 });
const oddString = fc.oneof(wire, fc.constantFrom(...expectedOf('current').map(([name]) => name)));
const time = fc.integer({ min: 0, max: 4_294_967_295_000_000 }).map((micros) => micros / 1e6);
const entry: fc.Arbitrary<StoredEntry> = fc
  .record({
    name: oddString,
    value: fc.option(oddString, { nil: undefined }),
    cacheTime: time,
    accessTime: time,
  })
  .map((each) => (each.value === undefined ? { ...each, accessTime: 0 } : each));

describe('a file that was written here', () => {
  it('is read as it was written, whatever bytes names and values have', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
        const bytes = write(entries);
        expect(isPerlFile(bytes)).toBe(true);
        expect(readPerlFile(bytes)).toEqual(entries);
      }),
      { numRuns: 300 },
    );
  });

  it('looks like this', () => {
    const entries: StoredEntry[] = [
      { name: 'a\n"\xe9', value: '~', cacheTime: 1712345678.25, accessTime: 1712345679 },
      { name: 'gone', value: undefined, cacheTime: 1712345680, accessTime: 5 },
    ];
    expect(write(entries).toString('latin1').split('\n')).toEqual([
      '\0CLACKSV3',
      '--- ',
      '"a\\x0A\\"\\xE9": ',
      '  data: "~"',
      "  cachetime: '1712345678.25'",
      "  accesstime: '1712345679'",
      '  deleted: 0',
      '"gone": ',
      '  data: "REMOVED"',
      "  cachetime: '1712345680'",
      "  accesstime: '0'",
      '  deleted: 1',
      '\0CLACKSV3',
    ]);
    expect(write([]).toString('latin1')).toBe('\0CLACKSV3\n--- {}\n\0CLACKSV3');
  });

  it('is read as it was written, however long names and values are', () => {
    const [name, value] = ['\xff'.repeat(100_000), ' x\n'.repeat(1_000_000)];
    const entries: StoredEntry[] = [{ name, value, cacheTime: 1, accessTime: 2 }];
    expect(readPerlFile(write(entries))).toEqual(entries);
  });

  it('has a tag where YAML::Syck would read another string than `=`', () => {
    const entries = ['=', '=\0x', '==', '= '].map((each): StoredEntry => {
      return { name: each, value: each, cacheTime: 1, accessTime: 2 };
    });
    const bytes = write(entries);
    expect(bytes.toString('latin1').match(/.*data.*/gu)).toEqual([
      '  data: !default "="',
      '  data: !default "=\\x00x"',
      '  data: "=="',
      '  data: "= "',
    ]);
    expect(readPerlFile(bytes)).toEqual(entries);
  });

  it('comes in pieces', () => {
    const value = 'x'.repeat(10_000);
    const entries = Array.from({ length: 100 }, (_, index): StoredEntry => {
      return { name: `n${index}`, value, cacheTime: index, accessTime: index };
    });
    const chunks = [...perlFileChunks(entries)];
    expect(chunks.length).toBeGreaterThan(5);
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThan(100_000);
    expect(readPerlFile(Buffer.concat(chunks))).toEqual(entries);
  });
});

describe('a torn file is refused', () => {
  const complete = write([
    { name: 'a', value: 'b\0c', cacheTime: 1.5, accessTime: 2.5 },
    { name: 'd', value: undefined, cacheTime: 3.5, accessTime: 0 },
  ]);
  const ofPerl = fixture('current-kinds.bin');
  const older = latin1(fixture('older-two.txt').toString('latin1').trimEnd());

  it.each([
    ['as it is written here', complete],
    ['as Perl writes it', ofPerl],
    ['of the older form', older],
  ])('wherever it ends: %s', (_, bytes) => {
    expect(readPerlFile(bytes).length).toBeGreaterThan(0);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readPerlFile(bytes.subarray(0, length)), `${length} bytes`).toThrow(
        PerlFileError,
      );
    }
  });

  it.each([
    ['as it is written here', complete],
    ['of the older form', older],
  ])('wherever a byte of it was never written: %s', (_, bytes) => {
    for (let at = 0; at < bytes.length; at++) {
      if (bytes[at] === 0) continue;
      const holey = Buffer.from(bytes);
      holey[at] = 0;
      expect(() => readPerlFile(holey), `byte ${at}`).toThrow(PerlFileError);
    }
  });

  it('saying what is missing', () => {
    expect(errorOf(complete.subarray(0, -1), '/var/clacks.dat')).toMatchObject({
      code: 'CLACKS_ERR_PERL_FILE',
      file: '/var/clacks.dat',
      message: '/var/clacks.dat: incomplete: NUL CLACKSV3 is expected at the end',
    });
    expect(errorOf(older.subarray(0, -1)).message).toContain('ENDBYTES is expected at the end');
    expect(errorOf(current('--- \na: \n  data: \0\0\0\n')).message).toContain('at byte 26');
  });
});

describe('what YAML::Syck does not write is refused', () => {
  it.each([
    ['nothing', '', 1],
    ['a string', '--- a\n', 1],
    ['no value', '--- ~\n', 1],
    ['a list', '--- \n- a\n', 2],
    ['a list of a line', '--- \na: \n  data: [b]\n', 3],
    ['a flow map', '--- \na: {data: b}\n', 2],
    ['more after an empty map', '--- {}\na: \n  data: b\n', 1],
    ['a string in place of a map', '--- \na: b\n', 2],
    ['a map without names', '--- \na: \n', 3],
    ['a map in a map in a map', '--- \na: \n  data: \n    b: c\n', 3],
    ['another indentation', '--- \na: \n    data: b\n', 3],
    ['an indented map', '--- \n  a: \n    data: b\n', 2],
    ['a name without a value', '--- \na: \n  data\n', 3],
    ['a name without a name', '--- \n: \n  data: b\n', 2],
    ['a complex name', '--- \n? a\n: \n  data: b\n', 2],
    ['a blank line', '--- \na: \n  data: b\n\nc: \n  data: d\n', 4],
    ['another document', '--- \na: \n  data: b\n--- \nc: \n  data: d\n', 4],
    ['a block', '--- \na: \n  data: |\n    b\n', 3],
    ['a tag', '--- \na: \n  data: !!perl/ref \n    =: b\n', 3],
    ['a tag of ours without a quote', '--- \na: \n  data: !default b\n', 3],
    ['a comment', '--- \n# a: b\na: \n  data: b\n', 2],
    ['a string over two lines', '--- \na: \n  data: b\n    c\n', 4],
    ['an open double quote', '--- \na: \n  data: "b\n', 3],
    ['an open single quote', "--- \na: \n  data: 'b\n", 3],
    ['an open quote at the end', '--- \na: \n  data: "b\\', 3],
    ['an open quote in a name', '--- \n"a: \n  data: b\n', 2],
    ['more after a quote', '--- \na: \n  data: "b" c\n', 3],
    ['more after a quoted name', '--- \n"a" b: \n  data: b\n', 2],
    ['a line end in single quotes', "--- \na: \n  data: 'b\nc'\n", 3],
    ['an unknown escape', '--- \na: \n  data: "\\q"\n', 3],
    ['half an escape', '--- \na: \n  data: "\\x4"\n', 3],
    ['a reference to nothing', '--- \na: \n  data: *1\n', 3],
    ['a reference from before', '--- \na: *1\nb: &1 \n  data: c\n', 2],
    ['a word in place of a time', '--- \na: \n  data: b\n  cachetime: soon\n', 4],
    ['an endless time', "--- \na: \n  accesstime: '1e999'\n", 3],
  ])('%s', (_, yaml, line) => {
    const error = errorOf(current(yaml), 'x.dat');
    expect(error).toBeInstanceOf(ClacksError);
    expect(error.message).toMatch(/^x\.dat: line \d+: .* is expected$/u);
    expect(error.line).toBe(line);
  });

  it.each([
    ['an empty file', ''],
    ['another file', '<?xml version="1.0"?>'],
    ['half of the marker', '\0CLACKS'],
    ['no more than the marker', '\0CLACKSV3'],
    ['no more than the markers', '\0CLACKSV3\0CLACKSV3'],
    ['overlapping markers', '\0CLACKSV3LACKSV3'],
    ['a file twice', '\0CLACKSV3--- {}\n\0CLACKSV3\0CLACKSV3--- {}\n\0CLACKSV3'],
    ['no lines before the end', 'ENDBYTES'],
    ['one line before the end', `${base64('--- {}\n')}\nENDBYTES`],
    ['four lines before the end', `${`${base64('--- {}\n')}\n`.repeat(4)}ENDBYTES`],
    ['five lines before the end', `${`${base64('--- {}\n')}\n`.repeat(5)}ENDBYTES`],
    ['something after the end', `${`${base64('--- {}\n')}\n`.repeat(3)}ENDBYTES\nENDBYTES\nx`],
    ['half a group of base64', `${base64('--- {}\n')}\nLS0\nENDBYTES`],
    ['no base64', `${base64('--- {}\n')}\nLS0t!!!!\nENDBYTES`],
    ['padding within base64', `${base64('--- {}\n')}\nLS0=LS0t\nENDBYTES`],
  ])('%s', (_, text) => {
    expect(errorOf(latin1(text))).toBeInstanceOf(PerlFileError);
  });

  it('in the older form, with the line of the file and that within', () => {
    const lines = ['--- \na: b\n', '--- \na: 1\nb: x\n'].map(base64);
    expect(errorOf(latin1([...lines, 'ENDBYTES\n'].join('\n')), 'x.dat').message).toBe(
      'x.dat: line 2: a time is expected in line 3 of what is encoded',
    );
  });

  it('and garbage of any kind never ends otherwise', () => {
    const piece = fc.oneof(
      wire,
      fc.constantFrom('\n', '  ', ': ', '--- \n', 'data: ', '"', "'", '&1 ', '*1', '{}', '\\x'),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        for (const bytes of [latin1(text), current(text), current(`--- \na: \n  data: ${text}`)]) {
          try {
            readPerlFile(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(PerlFileError);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('isPerlFile', () => {
  it('knows files by their beginning', () => {
    expect(isPerlFile(latin1('\0CLACKSV3 torn'))).toBe(true);
    expect(isPerlFile(latin1('LS0t'))).toBe(true);
    for (const other of ['', '\0CLACKSV', 'CLACKSV3', '--- \n', '<clacks>', 'LS0']) {
      expect(isPerlFile(latin1(other))).toBe(false);
    }
  });
});
