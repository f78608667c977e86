import { describe, expect, it } from 'vitest';
import { imageSize } from '../../src/views/cache/image-size.ts';
import { imageType } from '../../src/views/cache/image-type.ts';

/** Beginnings of images of 300 × 200 pixels. */
const images = {
  png: '89504e470d0a1a0a0000000d494844520000012c000000c80802000000',
  gif: '4749463839612c01c800800000',
  jpeg: `ffd8ffe000104a46494600010100000100010000ffdb0003aaffffc000110800c8012c03`,
  webpLossy: '524946460000000057454250565038200000000000000' + '09d012a2c01c800',
  webpLossless: '5249464600000000574542505650384c000000002f2bc13100',
  webpExtended: '52494646000000005745425056503858' + '0a000000000000002b0100c70000',
};

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

describe('the size of an image', () => {
  it.each(Object.entries(images))('is in its first bytes: %s', (_, hex) => {
    const bytes = bytesOf(hex);
    expect(imageSize(bytes, imageType(bytes) ?? '')).toEqual({ width: 300, height: 200 });
  });

  it.each(Object.entries(images))('is not known if they are not there: %s', (_, hex) => {
    const bytes = bytesOf(hex);
    const type = imageType(bytes) ?? '';
    for (let length = 0; length < 8; length++) {
      expect(imageSize(bytes.subarray(0, length), type)).toBeUndefined();
    }
  });

  it('is not looked for without end', () => {
    expect(imageSize(bytesOf('ffd8' + 'ff'.repeat(50)), 'image/jpeg')).toBeUndefined();
    expect(imageSize(bytesOf('ffd8ffe00000'.padEnd(60, '0')), 'image/jpeg')).toBeUndefined();
  });
});
