import {
  anyLevel,
  anyLevels,
  assertName,
  assertSingleLine,
  coversPattern,
  isPattern,
  matchesPattern,
  problemOfNamePatterns,
} from '@clacks/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wireLine } from './arbitraries.ts';

const level = fc.constantFrom('a', 'b', '', '*', '**', 'a*', ':');
const name = fc.array(level, { minLength: 1, maxLength: 5 }).map((levels) => levels.join('::'));

/** Levels, found one character after the other. */
const levelsOf = (text: string): string[] => {
  const end = text.indexOf('::');
  return end === -1 ? [text] : [text.slice(0, end), ...levelsOf(text.slice(end + 2))];
};

/** Protocol 10.6, read aloud. */
const matchesPlainly = (
  [wanted, ...restOfPattern]: readonly string[],
  [actual, ...restOfName]: readonly string[],
): boolean => {
  if (wanted === undefined) return actual === undefined;
  if (actual === undefined) return false;
  if (wanted === '**' && restOfPattern.length === 0) return true;
  return (wanted === '*' || wanted === actual) && matchesPlainly(restOfPattern, restOfName);
};

describe('a pattern', () => {
  it('stands for the names that the protocol says', () => {
    fc.assert(
      fc.property(name, name, (pattern, given) => {
        expect(matchesPattern(pattern, given)).toBe(
          matchesPlainly(levelsOf(pattern), levelsOf(given)),
        );
      }),
      { numRuns: 5000 },
    );
  });

  it('covers another one exactly if every name of that one is one of its own', () => {
    // Names that say all there is to say about patterns of up to five levels of a, b and c.
    const samples = ['a', 'b', 'z'].flatMap((one) => [
      [one],
      ...['a', 'b', 'z'].flatMap((two) => [
        [one, two],
        ...['a', 'b', 'z'].flatMap((three) => [
          [one, two, three],
          [one, two, three, 'z'],
          [one, two, three, 'z', 'z'],
        ]),
      ]),
    ]);
    const usual = fc
      .tuple(
        fc.array(fc.constantFrom('a', 'b', '*'), { minLength: 0, maxLength: 3 }),
        fc.constantFrom([], ['**']),
      )
      .map(([levels, end]) => [...levels, ...end].join('::'))
      .filter((pattern) => pattern !== '');
    fc.assert(
      fc.property(usual, usual, (outer, inner) => {
        const expected = samples
          .map((levels) => levels.join('::'))
          .every((each) => !matchesPattern(inner, each) || matchesPattern(outer, each));
        expect(coversPattern(outer, inner)).toBe(expected);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['Kitchen::**', undefined],
    ['*', undefined],
    ['a::*::b', undefined],
    ['Küche', undefined],
    ['', 'is empty'],
    ['a b', 'has a space, a "=" or a line break, which no name has'],
    ['a::b*', 'has a * that is no whole level: write a::* or a::**'],
    ['**::a', 'has ** before its last level'],
    ['***', 'has a * that is no whole level: write a::* or a::**'],
    ['a::'.repeat(32), 'has more than 32 levels'],
  ])('of names that somebody may use: %j', (pattern, problem) => {
    expect(problemOfNamePatterns([pattern])).toBe(
      problem && `the pattern ${JSON.stringify(pattern)} ${problem}`,
    );
  });

  it('that is none stands for itself only', () => {
    fc.assert(
      fc.property(wireLine, wireLine, (pattern, given) => {
        fc.pre(!isPattern(pattern));
        expect(matchesPattern(pattern, given)).toBe(pattern === given);
        expect(matchesPattern(pattern, pattern)).toBe(true);
      }),
    );
  });

  it.each([
    ['Kitchen::*::Temperature', 'Kitchen::Sensorbox2::Temperature', true],
    ['Kitchen::*::Temperature', 'Kitchen::Temperature', false],
    ['Kitchen::*::Temperature', 'Kitchen::a::b::Temperature', false],
    ['Kitchen::**', 'Kitchen::a::b', true],
    ['Kitchen::**', 'Kitchen', false],
    ['Kitchen::**', 'KitchenX::a', false],
    ['**', 'a', true],
    ['*', 'a', true],
    ['*', 'a::b', false],
    ['*::**', 'a::b::c', true],
    ['**::a', 'b::a', false],
    ['a*', 'ab', false],
  ])('%s and %s: %s', (pattern, given, expected) => {
    expect(matchesPattern(pattern, given)).toBe(expected);
  });

  it.each([
    [anyLevel, true],
    [anyLevels, true],
    ['a::*', true],
    ['*::a', true],
    ['a::**', true],
    ['**::a', false],
    ['a::b*', false],
    ['a', false],
    ['', false],
  ])('is one if a level is free: %j', (given, expected) => {
    expect(isPattern(given)).toBe(expected);
  });
});

describe('a name', () => {
  it.each(['a', 'Kitchen::Sensorbox2::Temperature', 'ä', '*', '\0', ':'])('may be %j', (given) => {
    expect(() => {
      assertName(given);
    }).not.toThrow();
  });

  it.each(['', ' ', 'a b', 'a=b', '=', 'a\n', '\ra', undefined, 5])('may not be %j', (given) => {
    expect(() => {
      assertName(given as string);
    }).toThrow(TypeError);
  });
});

describe('a single line', () => {
  it('has no line break', () => {
    expect(() => {
      assertSingleLine('a = b ', 'A text');
    }).not.toThrow();
    for (const text of ['a\n', '\r', 'a\r\nQUIT']) {
      expect(() => {
        assertSingleLine(text, 'A text');
      }).toThrow(new TypeError('A text must not contain a line break.'));
    }
  });
});
