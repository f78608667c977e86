import { isUtf8 } from 'node:buffer';
import type { SetSignal } from '@clacks/client';
import { shown } from './output.ts';

/** A value as JSON has it: text, or what is no UTF-8 as base64. */
export const valueAsJson = (bytes: Uint8Array): { value: string } | { base64: string } => {
  const buffer = Buffer.from(bytes);
  return isUtf8(bytes) ? { value: buffer.toString() } : { base64: buffer.toString('base64') };
};

/**
 * A value as it is printed: its exact bytes, but on a terminal text without control characters.
 *
 * @param end - What stands behind a text. Other bytes are left alone.
 */
export const valueAsOutput = (bytes: Uint8Array, end: string): string | Uint8Array =>
  process.stdout.isTTY || isUtf8(bytes) ? shown(Buffer.from(bytes).toString()) + end : bytes;

/** The exact bytes of a signalled value; of a wrongly encoded one, as they came. */
export const bytesOf = (signal: SetSignal): Uint8Array => {
  try {
    return signal.bytes;
  } catch {
    // Somebody else's mistake must not end our listening, nor hide what was sent.
    return Buffer.from(signal.raw, 'latin1');
  }
};
