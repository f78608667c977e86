import { isUtf8 } from 'node:buffer';
import { buffer } from 'node:stream/consumers';

/**
 * Reads standard input to its end: text without the line break that editors and `echo` put at its
 * end, or, if it is no UTF-8, the bytes as they are.
 */
export const readInput = async (): Promise<string | Uint8Array> => {
  const bytes = await buffer(process.stdin);
  return isUtf8(bytes) ? bytes.toString('utf8').replace(/\r?\n$/u, '') : bytes;
};

/** A value as an argument gives it: `-` stands for standard input. */
export const readValue = async (argument: string): Promise<string | Uint8Array> =>
  argument === '-' ? readInput() : argument;
