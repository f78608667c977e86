const hexOf = (byte: number): string => byte.toString(16).padStart(2, '0');

/** One line of a dump: where it is, its bytes in hexadecimal, and as ASCII. */
export interface HexLine {
  readonly offset: string;
  readonly hex: string;
  readonly ascii: string;
}

/**
 * @param index - Of the line.
 * @param width - Bytes in a line.
 */
export const hexLine = (bytes: Uint8Array, index: number, width: number): HexLine => {
  const start = index * width;
  const part = [...bytes.subarray(start, start + width)];
  return {
    offset: start.toString(16).padStart(6, '0'),
    hex: part.map(hexOf).join(' '),
    ascii: part
      .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·'))
      .join(''),
  };
};
