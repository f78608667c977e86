import {
  base64Marker,
  bytesFromWire,
  textFromWire,
  wireFromBase64,
  wireFromText,
  yamlMarker,
} from '@clacks/protocol';
import type { ApiCacheValue } from 'clacks/admin-api';
import { imageType } from './image-type.ts';
import { layOutJson } from './json-layout.ts';

/** How a value is on the wire: as it is, or as base64 of text and bytes, or of YAML (protocol 8). */
export type ValueForm = 'plain' | 'base64' | 'yaml';

/** What a value means. */
export interface DecodedValue {
  readonly form: ValueForm;
  /** As it is on the wire, as text. */
  readonly wire: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The bytes as text, if they are UTF-8. */
  readonly text: string | undefined;
  /** The text laid out, if it is an object or array of JSON. */
  readonly json: string | undefined;
  /** What image the bytes are, if all of them are there. */
  readonly imageType: string | undefined;
}

const markers: readonly (readonly [string, ValueForm])[] = [
  [base64Marker, 'base64'],
  [yamlMarker, 'yaml'],
];

/** A part of base64 ends anywhere: only whole groups of four can be read. */
const wholeGroups = (base64: string): string => base64.slice(0, base64.length & ~3);

const unwrap = (wire: string, isTruncated: boolean): [ValueForm, string] => {
  for (const [marker, form] of markers) {
    if (!wire.startsWith(marker)) continue;
    const base64 = wire.slice(marker.length).trim();
    const payload = wireFromBase64(isTruncated ? wholeGroups(base64) : base64);
    // What only looks like an encoded value is shown as it came.
    if (payload !== undefined) return [form, payload];
  }
  return ['plain', wire];
};

const asText = (bytes: Uint8Array, isTruncated: boolean): string | undefined => {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    // As a stream the last character may be a part of one.
    return decoder.decode(bytes, { stream: isTruncated });
  } catch {
    // It is no text.
    return undefined;
  }
};

/** Finds out what a value is. Of one that is truncated, only its beginning is there. */
export const decodeValue = (cached: ApiCacheValue): DecodedValue => {
  const { encoding, value, isTruncated } = cached;
  const wire = encoding === 'text' ? wireFromText(value) : (wireFromBase64(value) ?? '');
  const [form, payload] = unwrap(wire, isTruncated);
  const bytes = bytesFromWire(payload);
  const text = asText(bytes, isTruncated);
  return {
    form,
    wire: textFromWire(wire),
    bytes,
    text,
    json: text === undefined || isTruncated ? undefined : layOutJson(text),
    imageType: isTruncated ? undefined : imageType(bytes),
  };
};
