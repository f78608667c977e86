import { LineSplitter } from '@clacks/protocol';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { wireCharacter } from './arbitraries.ts';

const mebibyte = 1024 * 1024;

/** What comes out for these chunks, and whether a line was too long in the end. */
const split = (chunks: readonly string[], maxLineLength = mebibyte) => {
  const splitter = new LineSplitter(maxLineLength);
  const lines: string[] = [];
  for (const chunk of chunks) {
    splitter.push(chunk);
    for (let line = splitter.next(); line !== undefined; line = splitter.next()) lines.push(line);
  }
  return { lines, overflowed: splitter.overflowed };
};

/** The same, as protocol 1 says it: slow and plain. */
const splitPlainly = (bytes: string, maxLineLength = mebibyte) => {
  const ends = bytes.split('\n');
  const tooLong = ends.findIndex((line, index) => {
    // An unfinished line may have one byte more: it may be the CR of the line end.
    if (index === ends.length - 1) return line.length > maxLineLength + 1;
    return line.replace(/\r$/u, '').length > maxLineLength;
  });
  const complete = ends.slice(0, tooLong === -1 ? -1 : tooLong);
  const lines = complete.map((line) => line.replaceAll('\r', '')).filter((line) => line !== '');
  return { lines, overflowed: tooLong !== -1 };
};

const bytes = fc.string({
  unit: fc.oneof(fc.constantFrom('\r', '\n', 'a', 'b', '='), wireCharacter),
  maxLength: 80,
});

const cutAt = (text: string, cuts: readonly number[]): string[] => {
  const places = [...cuts.map((cut) => cut % (text.length + 1)), 0, text.length];
  places.sort((left, right) => left - right);
  return places.slice(1).map((place, index) => text.slice(places[index], place));
};

const cuts = fc.array(fc.nat(), { maxLength: 12 });

describe('splitting into lines', () => {
  it('gives the same lines however the bytes are cut into chunks', () => {
    fc.assert(
      fc.property(bytes, cuts, (given, places) => {
        const expected = splitPlainly(given);
        expect(split([given])).toEqual(expected);
        expect(split(given.split(''))).toEqual(expected);
        expect(split(cutAt(given, places))).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('stops at the same line that is too long, however the bytes are cut into chunks', () => {
    fc.assert(
      fc.property(bytes, cuts, fc.integer({ min: 1, max: 12 }), (given, places, maxLength) => {
        const expected = splitPlainly(given, maxLength);
        expect(split([given], maxLength)).toEqual(expected);
        expect(split(given.split(''), maxLength)).toEqual(expected);
        expect(split(cutAt(given, places), maxLength)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives the same lines when chunks come faster than lines are taken', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), fc.array(fc.boolean()), (chunks, takes) => {
        const splitter = new LineSplitter(mebibyte);
        const lines: string[] = [];
        for (const [index, chunk] of chunks.entries()) {
          splitter.push(chunk);
          const line = takes[index] === true ? splitter.next() : undefined;
          if (line !== undefined) lines.push(line);
        }
        for (let line = splitter.next(); line !== undefined; line = splitter.next()) {
          lines.push(line);
        }
        expect(lines).toEqual(splitPlainly(chunks.join('')).lines);
      }),
    );
  });

  it.each([
    ['a line with CR LF', 'SET a=b\r\n', ['SET a=b']],
    ['a line with LF', 'SET a=b\n', ['SET a=b']],
    ['CR anywhere', '\rS\r\rET a=\rb\r\r\n', ['SET a=b']],
    ['empty lines', '\n\r\n\r\r\n\nPING\n\n', ['PING']],
    // Once lost its end, for CR was looked for before the chunk.
    ['an empty line before one without CR', '\nPING\nNOP', ['PING']],
    ['a CR that comes after lines without one', 'a\nb\nc\r\n', ['a', 'b', 'c']],
    ['a half line that QUIT ends', 'SET a=\r\nQUIT\r\n', ['SET a=', 'QUIT']],
    ['an unfinished line', 'PING\r\nPIN', ['PING']],
    ['NUL and high bytes', '\0\u{ff}\u{85}\n', ['\0\u{ff}\u{85}']],
  ])('handles %s', (_, given, lines) => {
    expect(split([given])).toEqual({ lines, overflowed: false });
    expect(split(given.split(''))).toEqual({ lines, overflowed: false });
  });

  it('counts what has not come out yet', () => {
    const splitter = new LineSplitter(100);
    splitter.push('PING\nNOP\nSE');
    expect(splitter.length).toBe(11);
    splitter.next();
    expect(splitter.length).toBe(6);
    splitter.next();
    expect(splitter.next()).toBeUndefined();
    expect(splitter.length).toBe(2);
    splitter.push('T a=b\n');
    expect(splitter.length).toBe(8);
    expect(splitter.next()).toBe('SET a=b');
    expect(splitter.length).toBe(0);
  });
});

describe('taking lines together that begin alike', () => {
  /** The same as {@link split}, with those that begin with the head together. */
  const splitAlike = (chunks: readonly string[], head: string, maxLineLength = mebibyte) => {
    const splitter = new LineSplitter(maxLineLength);
    const groups: string[] = [];
    for (const chunk of chunks) {
      splitter.push(chunk);
      for (let line = splitter.next(); line !== undefined; line = splitter.next()) {
        groups.push(line.startsWith(head) ? splitter.withAlike(line, head.length) : line);
      }
    }
    return { groups, overflowed: splitter.overflowed };
  };
  const alike = fc
    .array(fc.constantFrom('a=', 'b', '\r\n', '\r\n', '\n', '\r', 'a=1\r\n', 'a=\r\n'))
    .map((parts) => parts.join(''));

  it('gives the same lines in the same order', () => {
    fc.assert(
      fc.property(alike, cuts, fc.integer({ min: 1, max: 8 }), (given, places, maxLength) => {
        const expected = splitPlainly(given, maxLength);
        for (const chunks of [[given], given.split(''), cutAt(given, places)]) {
          const { groups, overflowed } = splitAlike(chunks, 'a=', maxLength);
          const lines = groups.flatMap((group) => group.split('\r\n'));
          expect({ lines, overflowed }).toEqual(expected);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['lines in their usual form', 'a=1\r\na=2\r\na=\r\n', ['a=1\r\na=2\r\na=']],
    ['another one between them', 'a=1\r\nb\r\na=2\r\na=3\r\n', ['a=1', 'b', 'a=2\r\na=3']],
    ['LF alone at the end', 'a=1\r\na=2\na=3\r\na=4\r\n', ['a=1', 'a=2', 'a=3\r\na=4']],
    ['a CR within', 'a=1\r\na=\r2\r\na=3\r\n', ['a=1', 'a=2', 'a=3']],
    ['empty lines', 'a=1\r\n\r\na=2\r\n', ['a=1', 'a=2']],
    ['an unfinished line', 'a=1\r\na=2\r\na=', ['a=1\r\na=2']],
  ])('takes care of %s', (_, given, groups) => {
    expect(splitAlike([given], 'a=').groups).toEqual(groups);
  });

  it('begins anew with each chunk, and after a line that came in two', () => {
    const chunks = ['a=1\r\na=2\r', '\na=3\r\na=4\r\n', 'a=5\r\n'];
    expect(splitAlike(chunks, 'a=').groups).toEqual(['a=1', 'a=2', 'a=3\r\na=4', 'a=5']);
  });

  it('takes some 64 KiB at most', () => {
    const { groups } = splitAlike(['a=12345\r\n'.repeat(20_000)], 'a=');
    expect(groups.join('\r\n').length).toBe(9 * 20_000 - 2);
    expect(Math.max(...groups.map(({ length }) => length))).toBeLessThan(65 * 1024);
  });
});

describe('the longest line', () => {
  const inOne = (text: string) => [text];
  const inMany = (text: string) => text.split('');

  it.each([
    ['one chunk', inOne],
    ['many chunks', inMany],
  ])('holds in %s: at the limit and below, but not above', (_, chunks) => {
    const lineOf = (length: number) => chunks(`PING\n${'x'.repeat(length)}\nPING\n`);
    expect(split(lineOf(9), 10)).toEqual({
      lines: ['PING', 'x'.repeat(9), 'PING'],
      overflowed: false,
    });
    expect(split(lineOf(10), 10)).toEqual({
      lines: ['PING', 'x'.repeat(10), 'PING'],
      overflowed: false,
    });
    expect(split(lineOf(11), 10)).toEqual({ lines: ['PING'], overflowed: true });
  });

  it.each([
    ['one chunk', inOne],
    ['many chunks', inMany],
  ])('is counted in %s without the CR before LF, but with every other CR', (_, chunks) => {
    const overflows = (text: string) => split(chunks(text), 10).overflowed;
    const ten = 'x'.repeat(10);
    expect(overflows(`${ten}\r\n`)).toBe(false);
    expect(overflows(`${ten}\r\r\n`)).toBe(true);
    expect(overflows(`\r${ten}\n`)).toBe(true);
    expect(overflows(`${'\r'.repeat(11)}\n`)).toBe(false);
    expect(overflows(`${'\r'.repeat(12)}\n`)).toBe(true);
  });

  it.each([
    ['one chunk', inOne],
    ['many chunks', inMany],
  ])('holds for a line without an end in %s, which may have a CR more', (_, chunks) => {
    expect(split(chunks('x'.repeat(11)), 10).overflowed).toBe(false);
    expect(split(chunks('x'.repeat(12)), 10).overflowed).toBe(true);
    expect(split(chunks('\r'.repeat(12)), 10).overflowed).toBe(true);
  });

  it.each([1022, 1023, 1024, 1025, 2047, 2048])('is counted right in %d single bytes', (length) => {
    expect(split(inMany(`${'x'.repeat(length)}\r\n`), length)).toEqual({
      lines: ['x'.repeat(length)],
      overflowed: false,
    });
    expect(split(inMany(`${'x'.repeat(length)}\r\n`), length - 1).overflowed).toBe(true);
  });

  it('lets nothing out after a line that was too long, and keeps nothing', () => {
    const splitter = new LineSplitter(10);
    splitter.push(`${'x'.repeat(11)}\nPING\n`);
    expect(splitter.next()).toBeUndefined();
    splitter.push('PING\n');
    expect(splitter.next()).toBeUndefined();
    expect(splitter.length).toBe(0);
  });

  it.each([
    ['bytes', 1, mebibyte],
    ['small pieces', 61, 16 * mebibyte],
    ['large pieces', 65_536, 16 * mebibyte],
  ])('that drips in %s is copied a few times, not again for each', (_, pieceLength, length) => {
    const join = vi.spyOn(Array.prototype, 'join');
    let copied = 0;
    try {
      const splitter = new LineSplitter(length);
      const piece = 'x'.repeat(pieceLength);
      for (let sent = 0; sent < length; sent += pieceLength) {
        splitter.push(piece.slice(0, length - sent));
        if (splitter.next() !== undefined || splitter.overflowed) throw new Error('not yet');
      }
      splitter.push('\n');
      expect(splitter.next()?.length).toBe(length);
      for (const { value } of join.mock.results) copied += (value as string).length;
    } finally {
      join.mockRestore();
    }
    expect(copied).toBeLessThanOrEqual(2 * length);
  });

  it('is looked through for CR once, however many lines without CR a chunk has', () => {
    const indexOf = vi.spyOn(String.prototype, 'indexOf');
    try {
      split(['a\n'.repeat(1000)]);
      expect(indexOf.mock.calls.filter(([wanted]) => wanted === '\r')).toHaveLength(1);
    } finally {
      indexOf.mockRestore();
    }
  });
});
