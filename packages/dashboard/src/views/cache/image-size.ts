/** How large an image is, in pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

const latin1 = new TextDecoder('latin1');

const wordAt = (view: DataView, at: number): string =>
  latin1.decode(new Uint8Array(view.buffer, view.byteOffset + at, 4));

/** A part of a JPEG begins with that. */
const marker = 0xff;

/** Whether a marker of JPEG begins a frame: SOF0 to SOF15, without DHT, JPG and DAC. */
const isFrame = (code: number): boolean =>
  code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;

/** Markers that nothing belongs to: TEM, and RST0 to SOI. */
const isAlone = (code: number): boolean => code === 0x01 || (code >= 0xd0 && code <= 0xd8);

const jpegSize = (view: DataView): ImageSize => {
  for (let at = 2; ;) {
    if (view.getUint8(at) !== marker) throw new RangeError('no marker');
    const code = view.getUint8(at + 1);
    // Any number of fill bytes may be before a code.
    if (code === marker) at++;
    else if (isAlone(code)) at += 2;
    else if (isFrame(code))
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    else at += 2 + view.getUint16(at + 2);
  }
};

const uint24 = (view: DataView, at: number): number =>
  view.getUint16(at, true) + (view.getUint8(at + 2) << 16);

const webpSize = (view: DataView): ImageSize | undefined => {
  switch (wordAt(view, 12)) {
    case 'VP8 ':
      return {
        width: view.getUint16(26, true) & 0x3fff,
        height: view.getUint16(28, true) & 0x3fff,
      };
    case 'VP8L': {
      const bits = view.getUint32(21, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: uint24(view, 24) + 1, height: uint24(view, 27) + 1 };
    default:
      return undefined;
  }
};

const readers: Readonly<Record<string, (view: DataView) => ImageSize | undefined>> = {
  'image/png': (view) => ({ width: view.getUint32(16), height: view.getUint32(20) }),
  'image/gif': (view) => ({ width: view.getUint16(6, true), height: view.getUint16(8, true) }),
  'image/jpeg': jpegSize,
  'image/webp': webpSize,
};

/**
 * What an image says of its size, before anybody makes pixels of it: a few KiB may stand for gigabytes.
 *
 * @param type - As `imageType` tells it.
 * @returns Nothing if that cannot be read.
 */
export const imageSize = (bytes: Uint8Array, type: string): ImageSize | undefined => {
  try {
    return readers[type]?.(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch {
    // It ends too early.
    return undefined;
  }
};
