import { readFileSync } from 'node:fs';
import { decrement, formatNumber, increment, parseCommand } from '@clacks/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wireLine } from './arbitraries.ts';

/** Lines `stored|step|sum|difference`, written by Perl 5.36. */
const perlSums = readFileSync(new URL('data/perl-sums.txt', import.meta.url), 'latin1')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => line.split('|'));

/** A recorded conversation: what is stored, the command about it, and what is read then. */
const recorded = [
  ['0.1', 'INCREMENT n=0.2', '0.3'],
  ['1', 'INCREMENT n=0.5', '1.5'],
  ['1.10', 'INCREMENT n=0', '1.1'],
  ['1e3', 'INCREMENT n=1', '1001'],
  ['1e15', 'INCREMENT n=0.5', '1e+15'],
  ['1e15', 'INCREMENT n=1', '1000000000000001'],
  ['999999999999999', 'INCREMENT n=1', '1000000000000000'],
  ['123456789012345678', 'INCREMENT n=1', '123456789012345679'],
  ['9007199254740992', 'INCREMENT n=1', '9007199254740993'],
  ['9223372036854775806', 'INCREMENT n=1', '9223372036854775807'],
  ['9223372036854775807', 'INCREMENT n=1', '9223372036854775808'],
  ['18446744073709551614', 'INCREMENT n=1', '18446744073709551615'],
  ['1e20', 'INCREMENT n=1', '1e+20'],
  ['0.0001', 'INCREMENT n=0', '0.0001'],
  ['0.00001', 'INCREMENT n=0', '1e-05'],
  ['0.000012345', 'INCREMENT n=0', '1.2345e-05'],
  ['1e-7', 'INCREMENT n=0', '1e-07'],
  ['-0.5', 'INCREMENT n=0.25', '-0.25'],
  ['-7', 'INCREMENT n=7', '0'],
  ['0.3333333333333333', 'INCREMENT n=0', '0.333333333333333'],
  ['3.0', 'INCREMENT n=0', '3'],
  [' 12', 'INCREMENT n=1', '13'],
  ['12 ', 'INCREMENT n=1', '13'],
  ['+5', 'INCREMENT n=1', '6'],
  ['.5', 'INCREMENT n=1', '1.5'],
  ['5.', 'INCREMENT n=1', '6'],
  ['0x10', 'INCREMENT n=1', '1'],
  ['1_000', 'INCREMENT n=1', '1'],
  ['1e400', 'INCREMENT n=1', 'Inf'],
  ['Inf', 'INCREMENT n=1', 'Inf'],
  ['NaN', 'INCREMENT n=1', 'NaN'],
  ['100000000000000000000', 'INCREMENT n=1', '1e+20'],
  ['1.5e300', 'INCREMENT n=1e300', '2.5e+300'],
  ['7', 'INCREMENT n=abc', '7'],
  ['7', 'INCREMENT n=3abc', '10'],
  ['7', 'INCREMENT n=-3', '4'],
  ['7', 'INCREMENT n=+3', '10'],
  ['7', 'INCREMENT n=1e2', '107'],
  ['7', 'INCREMENT n= 4', '11'],
  ['7', 'INCREMENT n=.5', '7.5'],
  ['7', 'DECREMENT n', '6'],
  // The name is `n=` here.
  ['7', 'INCREMENT n==4', '7'],
] as const;

/** The value of a double as a fraction of integers. */
const fractionOf = (value: number): { numerator: bigint; denominator: bigint } => {
  let numerator = Math.abs(value);
  let denominator = 1n;
  // Doubling is exact; an integer comes of it sooner or later, if need be after scaling up.
  while (!Number.isInteger(numerator)) {
    numerator *= 2;
    denominator *= 2n;
  }
  return { numerator: BigInt(numerator), denominator };
};

/** The first 15 digits of a number and its power of ten, rounded half to even: exact and slow. */
const digitsOf = (value: number): { digits: string; power: number } => {
  const { numerator, denominator } = fractionOf(value);
  let power = Math.floor(Math.log10(Math.abs(value))) + 1;
  for (;;) {
    const shift = 14 - power;
    const top = shift > 0 ? numerator * 10n ** BigInt(shift) : numerator;
    const bottom = shift < 0 ? denominator * 10n ** BigInt(-shift) : denominator;
    const twice = 2n * (top % bottom);
    const floor = top / bottom;
    const isUp = twice > bottom || (twice === bottom && floor % 2n === 1n);
    const digits = String(isUp ? floor + 1n : floor);
    if (digits.length === 15) return { digits, power };
    power += digits.length > 15 ? 1 : -1;
  }
};

/** `%.15g`, by the rules of C. */
const formatPlainly = (value: number): string => {
  const { digits, power } = digitsOf(value);
  const sign = value < 0 ? '-' : '';
  const significant = digits.replace(/0+$/u, '');
  if (power < -4 || power >= 15) {
    const fraction = significant.length > 1 ? `.${significant.slice(1)}` : '';
    const exponent = `${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
    return `${sign}${significant.slice(0, 1)}${fraction}e${exponent}`;
  }
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${significant}`;
  const whole = digits.slice(0, power + 1);
  const fraction = significant.slice(power + 1);
  return sign + (fraction === '' ? whole : `${whole}.${fraction}`);
};

const anyDouble = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .filter((value) => value !== 0);
/** Half way between two numbers of 15 digits. */
const tie = fc
  .integer({ min: 10 ** 14, max: 2 * 10 ** 14 })
  .chain((integer) => fc.constantFrom(integer + 0.5, -(integer + 0.5), (integer + 0.5) / 1024));
const integer64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n });

describe('sums', () => {
  it('are what Perl makes of them', () => {
    expect(perlSums.length).toBeGreaterThan(900);
    for (const [stored = '', step = '', sum, difference] of perlSums) {
      const given = `${stored}|${step}|`;
      expect(given + increment(stored, step)).toBe(given + String(sum));
      expect(given + decrement(stored, step)).toBe(given + String(difference));
    }
  });

  it.each(recorded)('are what a Perl server answers: %s, %s', (stored, line, result) => {
    const values = new Map<string, string>([['n', stored]]);
    const command = parseCommand(line);
    if (command.verb !== 'INCREMENT' && command.verb !== 'DECREMENT') throw new Error(line);
    const change = command.verb === 'INCREMENT' ? increment : decrement;
    values.set(command.name, change(values.get(command.name), command.step));
    expect(values.get('n')).toBe(result);
  });

  it('begin with 0 where nothing is stored, and go by 1 where no step is given', () => {
    expect(increment(undefined, undefined)).toBe('1');
    expect(decrement(undefined, undefined)).toBe('-1');
    expect(increment(undefined, '5')).toBe('5');
    expect(decrement('', '5')).toBe('-5');
    expect(increment('text', undefined)).toBe('1');
    expect(increment('-0', '0')).toBe('0');
  });

  it('of integers are exact as long as they have 64 bits', () => {
    fc.assert(
      fc.property(integer64, integer64, (left, right) => {
        const [sum, difference] = [left + right, left - right];
        const fits = (value: bigint) => value >= -(2n ** 63n) && value < 2n ** 64n;
        if (fits(sum)) expect(increment(String(left), String(right))).toBe(String(sum));
        if (fits(difference))
          expect(decrement(String(left), String(right))).toBe(String(difference));
      }),
      { numRuns: 1000 },
    );
  });

  it('of anything are one line, without an error', () => {
    fc.assert(
      fc.property(wireLine, wireLine, (stored, step) => {
        for (const result of [increment(stored, step), decrement(stored, step)]) {
          expect(result).toMatch(/^(?:-?\d[\d.]*(?:e[+-]\d+)?|-?Inf|NaN)$/u);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a number', () => {
  it('is printed with 15 significant digits, rounded half to even', () => {
    fc.assert(
      fc.property(fc.oneof(anyDouble, tie), (value) => {
        expect(formatNumber(value)).toBe(formatPlainly(value));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [0, '0'],
    [-0, '0'],
    [1e15, '1e+15'],
    [999_999_999_999_999, '999999999999999'],
    [999_999_999_999_999.9, '1e+15'],
    [0.0001, '0.0001'],
    [9.999_999_999_999_999e-5, '0.0001'],
    [5e-324, '4.94065645841247e-324'],
    [Number.MAX_VALUE, '1.79769313486232e+308'],
    [Infinity, 'Inf'],
    [-Infinity, '-Inf'],
    [Number.NaN, 'NaN'],
    [100_000_000_000_000.5, '100000000000000'],
    [100_000_000_000_001.5, '100000000000002'],
  ])('%d is printed as %s', (value, printed) => {
    expect(formatNumber(value)).toBe(printed);
  });
});

it('handles millions of digits, in a value and in a step', () => {
  const digits = '1'.repeat(4_000_000);
  expect(increment(digits, '1')).toBe('Inf');
  expect(increment('1', `-${digits}`)).toBe('-Inf');
  expect(increment(`${'0'.repeat(100_000)}7`, '1')).toBe('8');
});
