import { assertName, wireFromText } from '@clacks/protocol';

/**
 * A name as it is sent.
 *
 * @throws TypeError if it cannot be one.
 */
export const wireName = (name: string): string => {
  assertName(name);
  return wireFromText(name);
};

/** Numbers as the protocol has them (protocol 7). */
const decimalNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu;

/**
 * What follows the name in INCREMENT and DECREMENT.
 *
 * @throws TypeError if it is not a decimal number.
 */
export const step = (by: number | string | undefined): string => {
  if (by === undefined) return '';
  const text = String(by).trim();
  if (!decimalNumber.test(text)) {
    throw new TypeError(`A step is a number, not ${JSON.stringify(by)}.`);
  }
  return `=${text}`;
};

/**
 * Checks that a server takes so long a line.
 *
 * @throws TypeError if it does not.
 */
export const assertLineFits = (line: string, maxLineLength: number): void => {
  if (line.length <= maxLineLength) return;
  throw new TypeError(
    `${line.slice(0, 40)}… is a line of ${line.length} bytes; maxLineLength is ${maxLineLength}.`,
  );
};
