/**
 * Lines travel through this code as "wire strings": JavaScript strings in which every character
 * stands for one byte (latin1), so that names and values keep every byte whatever it is
 * (protocol 1). These functions convert between wire strings, bytes and text.
 */

const encoder = new TextEncoder();
// A byte order mark is data here, not a mark.
const lenientDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

// Longer argument lists overflow the stack of some engines.
const charactersPerCall = 8192;

const isAscii = (text: string): boolean => {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0x7f) return false;
  }
  return true;
};

/** Turns bytes into the wire string with one character for each byte. */
export const wireFromBytes = (bytes: Uint8Array): string => {
  let wire = '';
  for (let start = 0; start < bytes.length; start += charactersPerCall) {
    wire += String.fromCharCode(...bytes.subarray(start, start + charactersPerCall));
  }
  return wire;
};

/** Turns a wire string into its bytes. The inverse of {@link wireFromBytes}. */
export const bytesFromWire = (wire: string): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(wire.length);
  for (let index = 0; index < wire.length; index++) bytes[index] = wire.charCodeAt(index);
  return bytes;
};

/** Encodes text as UTF-8, as a wire string. A lone surrogate becomes U+FFFD. */
export const wireFromText = (text: string): string =>
  isAscii(text) ? text : wireFromBytes(encoder.encode(text));

/** Decodes a wire string as UTF-8. Bytes that are no UTF-8 become U+FFFD. */
export const textFromWire = (wire: string): string =>
  isAscii(wire) ? wire : lenientDecoder.decode(bytesFromWire(wire));

/** Encodes a wire string's bytes as standard base64 with padding. */
export const base64FromWire = (wire: string): string => btoa(wire);

const base64Pattern = /^[A-Za-z0-9+/]*={0,2}$/u;

/**
 * Decodes standard base64, with or without padding.
 *
 * @returns The bytes as a wire string, or `undefined` if the input is not base64.
 */
export const wireFromBase64 = (base64: string): string | undefined => {
  // Checked first, and without backtracking: the input may be hostile.
  if (!base64Pattern.test(base64)) return undefined;
  const padding = Number(base64.endsWith('=')) + Number(base64.endsWith('=='));
  const unpadded = base64.slice(0, base64.length - padding);
  return unpadded.length % 4 === 1 ? undefined : atob(unpadded);
};
