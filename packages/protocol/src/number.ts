/**
 * Numbers as Perl adds and prints them (protocol 7), so that a counter reads the same on our
 * nodes and on Perl's: integers exactly up to 64 bits, everything else as `%.15g`.
 */

const minInteger = -(2n ** 63n);
const maxInteger = 2n ** 64n - 1n;
const maxIntegerDigits = 20;

const numberPattern = /^[ \t\n\r\f\v]*([+-]?)((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/u;
const specialPattern = /^[ \t\n\r\f\v]*([+-]?)(inf(?:inity)?|nan)/iu;
const digitsOnly = /^\d+$/u;
const onlySpace = /^[ \t\n\r\f\v]*$/u;

/** An integer of up to 64 bits as a bigint, any other number as a double. */
type Numeric = number | bigint;

const fitsInteger = (integer: bigint): boolean => integer >= minInteger && integer <= maxInteger;

/** Perl keeps `12` and `1.2e1` as integers, but `12.0` as a floating point number. */
const fromParts = (sign: string, digits: string): Numeric => {
  // More digits than 64 bits need may be millions of them, and leading zeros are none.
  if (digitsOnly.test(digits) && digits.replace(/^0+/u, '').length <= maxIntegerDigits) {
    const integer = BigInt(sign === '-' ? `-${digits}` : digits);
    if (fitsInteger(integer)) return integer;
  }
  const value = Number(sign + digits);
  if (!/[eE]/u.test(digits) || !Number.isInteger(value)) return value;
  return fitsInteger(BigInt(value)) ? BigInt(value) : value;
};

const specialValue = (sign: string, word: string): number => {
  if (word.toLowerCase() === 'nan') return Number.NaN;
  return sign === '-' ? -Infinity : Infinity;
};

/** The number a text begins with, 0 if there is none, and whether there is nothing else in it. */
const readNumeric = (text: string): { value: Numeric; whole: boolean } => {
  const special = specialPattern.exec(text);
  const match = special ?? numberPattern.exec(text);
  if (match === null) return { value: 0, whole: false };
  const [matched, sign = '', body = ''] = match;
  const value = special === null ? fromParts(sign, body) : specialValue(sign, body);
  if (onlySpace.test(text.slice(matched.length))) return { value, whole: true };
  // Perl reads a text that only begins with a number as floating point.
  return { value: Number(value), whole: false };
};

/** A stored value counts as a number only as a whole. */
const valueOf = (stored: string): Numeric => {
  const { value, whole } = readNumeric(stored);
  return whole ? value : 0n;
};

const add = (left: Numeric, right: Numeric): Numeric => {
  if (typeof left === 'bigint' && typeof right === 'bigint') {
    const sum = left + right;
    if (fitsInteger(sum)) return sum;
  }
  return Number(left) + Number(right);
};

const negate = (value: Numeric): Numeric => -value;

const evenTie = /^(-?\d\.\d{13}[02468])50*e/u;

/** The first 15 significant digits as `d.dddd`, rounded as C rounds: JavaScript has no half-even. */
const significand = (value: number): string =>
  evenTie.exec(value.toExponential(60))?.[1] ?? value.toExponential(14).replace(/e.*/u, '');

/** Strips the zeros that `%g` does not print from the end of a decimal fraction. */
const stripZeros = (decimal: string): string => decimal.replace(/\.?0*$/u, '');

/**
 * Formats a number as Perl prints it: with at most 15 significant digits, `%.15g`.
 * 0.1 + 0.2 is `0.3`, 1e15 + 0.5 is `1e+15`, infinity is `Inf`.
 */
export const formatNumber = (value: number): string => {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Inf' : '-Inf';
  if (value === 0) return '0';
  const mantissa = significand(Math.abs(value));
  const sign = value < 0 ? '-' : '';
  const power = Number(value.toExponential(14).replace(/.*e/u, ''));
  if (power < -4 || power >= 15) {
    const exponent = String(Math.abs(power)).padStart(2, '0');
    return `${sign}${stripZeros(mantissa)}e${power < 0 ? '-' : '+'}${exponent}`;
  }
  const digits = '0'.repeat(Math.max(0, -power)) + mantissa.replace('.', '');
  const point = Math.max(0, power) + 1;
  return sign + stripZeros(`${digits.slice(0, point)}.${digits.slice(point)}`);
};

const format = (value: Numeric): string =>
  typeof value === 'bigint' ? value.toString() : formatNumber(value);

/** Matches what the sum below handles without the general rules: most counters. */
const smallInteger = (text: string): number => {
  const { length } = text;
  if (length === 0 || length > 15) return Number.NaN;
  let value = 0;
  const negative = text.charCodeAt(0) === 0x2d;
  if (negative && length === 1) return Number.NaN;
  for (let index = negative ? 1 : 0; index < length; index++) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
};

/**
 * Adds a step to a stored value, as INCREMENT does (protocol 7). A value that is no number counts
 * as 0; a step counts as the number it begins with.
 *
 * @param stored - The stored value, or `undefined` where there is none.
 * @param step - The step as it came in the command; `undefined` means 1.
 * @returns The sum as it is to be stored.
 */
export const increment = (stored: string | undefined, step: string | undefined): string => {
  const sum = smallInteger(stored ?? '0') + (step === undefined ? 1 : smallInteger(step));
  // Adding 0 turns -0, which "-0" gives, into 0.
  if (!Number.isNaN(sum)) return String(sum + 0);
  return format(add(valueOf(stored ?? '0'), readNumeric(step ?? '1').value));
};

/** Subtracts a step from a stored value, as DECREMENT does. See {@link increment}. */
export const decrement = (stored: string | undefined, step: string | undefined): string => {
  const difference = smallInteger(stored ?? '0') - (step === undefined ? 1 : smallInteger(step));
  if (!Number.isNaN(difference)) return String(difference + 0);
  return format(add(valueOf(stored ?? '0'), negate(readNumeric(step ?? '1').value)));
};
