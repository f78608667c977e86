import { formatCommand, parseCommand, verbs } from '@clacks/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allVerbs, command, line } from './arbitraries.ts';

/**
 * What formatting makes of an OVERHEAD line: any number of blanks before the flags, and between
 * flags and text, counts as one; blanks behind flags without a text are dropped. Blanks at the end
 * of a text stay.
 */
const normalOverhead = (text: string): string =>
  text.replace(/^OVERHEAD +([^ ]*) *([^]*)$/u, (_, flags: string, rest: string) =>
    rest === '' ? `OVERHEAD ${flags}` : `OVERHEAD ${flags} ${rest}`,
  );

describe('parsing and formatting', () => {
  it('are inverses: every command comes back from its line', () => {
    fc.assert(
      fc.property(command, (given) => {
        expect(parseCommand(formatCommand(given))).toEqual(given);
      }),
      { numRuns: 2000 },
    );
  });

  it('are inverses: every line comes back from its command, but for blanks of OVERHEAD and digits of KEYSYNC', () => {
    fc.assert(
      fc.property(line, (given) => {
        const parsed = parseCommand(given);
        // Its times are numbers: `01.50` comes back as `1.5`.
        if (parsed.verb === 'KEYSYNC') return;
        const expected = parsed.verb === 'OVERHEAD' ? normalOverhead(given) : given;
        expect(formatCommand(parsed)).toBe(expected);
      }),
      { numRuns: 5000 },
    );
  });

  it('never throw, and keep a line that is no command whole', () => {
    fc.assert(
      fc.property(fc.oneof(line, fc.string({ unit: 'binary' })), (given) => {
        const parsed = parseCommand(given);
        if (parsed.verb === 'UNKNOWN') expect(parsed).toEqual({ verb: 'UNKNOWN', line: given });
        expect(typeof formatCommand(parsed)).toBe('string');
      }),
      { numRuns: 2000 },
    );
  });

  it('know every verb', () => {
    for (const verb of allVerbs) {
      const argument = { none: '', keysync: ' 1.5 0 D a=REMOVED', overhead: ' GN x' };
      const form = verbs[verb];
      const rest = form in argument ? argument[form as keyof typeof argument] : ' a=b';
      expect(parseCommand(verb + rest).verb).toBe(verb);
      expect(formatCommand(parseCommand(verb + rest))).toBe(verb + rest);
    }
  });
});

describe('a line', () => {
  it.each([
    ['SET a=b=c d ', { verb: 'SET', name: 'a', value: 'b=c d ' }],
    ['SET a=', { verb: 'SET', name: 'a', value: '' }],
    ['SET ==', { verb: 'SET', name: '=', value: '' }],
    ['SET =a=b', { verb: 'SET', name: '=a', value: 'b' }],
    ['INCREMENT a', { verb: 'INCREMENT', name: 'a', step: undefined }],
    ['INCREMENT a=5', { verb: 'INCREMENT', name: 'a', step: '5' }],
    ['DECREMENT a=b=5', { verb: 'DECREMENT', name: 'a=b', step: '5' }],
    ['INCREMENT a=', { verb: 'INCREMENT', name: 'a=', step: undefined }],
    ['INCREMENT =5', { verb: 'INCREMENT', name: '=5', step: undefined }],
    ['FLUSH  a ', { verb: 'FLUSH', text: ' a ' }],
    [
      'OVERHEAD   GN   Terry  Pratchett ',
      { verb: 'OVERHEAD', flags: 'GN', text: 'Terry  Pratchett ' },
    ],
    ['OVERHEAD G', { verb: 'OVERHEAD', flags: 'G', text: '' }],
    ['OVERHEAD G  ', { verb: 'OVERHEAD', flags: 'G', text: '' }],
    [
      'KEYSYNC 1763880000.125 0 D a=REMOVED',
      {
        verb: 'KEYSYNC',
        cacheTime: 1_763_880_000.125,
        accessTime: 0,
        mode: 'D',
        name: 'a',
        value: 'REMOVED',
      },
    ],
  ])('is taken apart as the protocol says: %s', (given, expected) => {
    expect(parseCommand(given)).toEqual(expected);
  });

  it.each([
    '',
    ' ',
    'set a=b',
    'SETS a=b',
    ' SET a=b',
    'SET',
    'SET ',
    'SET a',
    'SET =a',
    'PING ',
    'PING x',
    'LISTEN',
    'LISTEN ',
    'CLACKS',
    'OVERHEAD',
    'OVERHEAD ',
    'KEYSYNC',
    'KEYSYNC 1 0 U a',
    'KEYSYNC -1 0 U a=b',
    'KEYSYNC 1e3 0 U a=b',
    'KEYSYNC 1 0  a=b',
    'constructor x',
    '__proto__ x',
    'UNKNOWN x',
  ])('that is no command is unknown: %j', (given) => {
    expect(parseCommand(given)).toEqual({ verb: 'UNKNOWN', line: given });
  });
});
