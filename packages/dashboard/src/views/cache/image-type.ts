import { wireFromBytes } from '@clacks/protocol';

const signatureMax = 12;

/**
 * The type of an image by its first bytes: PNG, JPEG, GIF or WebP. Not SVG: that is a document.
 *
 * @returns Nothing if it is none of these.
 */
export const imageType = (bytes: Uint8Array): string | undefined => {
  const start = wireFromBytes(bytes.subarray(0, signatureMax));
  if (start.startsWith('\u0089PNG\r\n\u001a\n')) return 'image/png';
  if (start.startsWith('\u00ff\u00d8\u00ff')) return 'image/jpeg';
  if (start.startsWith('GIF87a') || start.startsWith('GIF89a')) return 'image/gif';
  if (start.startsWith('RIFF') && start.startsWith('WEBP', 8)) return 'image/webp';
  return undefined;
};
