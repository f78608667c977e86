import {
  base64FromWire,
  bytesFromWire,
  textFromWire,
  wireFromBase64,
  wireFromBytes,
  wireFromText,
} from './bytes.ts';
import { ClacksProtocolError } from './errors.ts';

/** What precedes base64 in an encoded value (protocol 8). */
export const base64Marker = 'PAGECAMELCLACKSB64:';

/** What precedes base64 of YAML in the value of structured data (protocol 8). */
export const yamlMarker = 'PAGECAMELCLACKSYAMLB64:';

const reservedPrefix = 'PAGECAMELCLACKSB64';

/** Whether a text begins as an encoded value does, so that readers would take it for one. */
export const isReservedValue = (text: string): boolean => text.startsWith(reservedPrefix);

/**
 * Encodes a value for SET, STORE and SETANDSTORE. Text goes out as UTF-8; bytes, text with line
 * breaks, and text that a reader would take for an encoded value go out as base64 (protocol 8).
 *
 * @returns The value as a wire string without CR or LF.
 * @throws TypeError if it is neither text nor bytes.
 */
export const encodeValue = (value: string | Uint8Array): string => {
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
    throw new TypeError(`A value is a string or a Uint8Array, not a ${typeof value}.`);
  }
  if (typeof value !== 'string') return base64Marker + base64FromWire(wireFromBytes(value));
  const wire = wireFromText(value);
  if (!/[\r\n]/u.test(wire) && !isReservedValue(wire)) return wire;
  return base64Marker + base64FromWire(wire);
};

const decodeToWire = (wire: string): string => {
  if (!wire.startsWith(base64Marker)) return wire;
  // What only looks like an encoded value is handed out as it came: another writer may mean it.
  return wireFromBase64(wire.slice(base64Marker.length)) ?? wire;
};

/**
 * Decodes a received value to text: base64 if it is marked so, then UTF-8, where bytes that are no
 * UTF-8 become U+FFFD. Marked values that are not base64 are handed out as they came.
 */
export const decodeValue = (wire: string): string => textFromWire(decodeToWire(wire));

/** Decodes a received value to its exact bytes. See {@link decodeValue}. */
export const decodeValueBytes = (wire: string): Uint8Array => bytesFromWire(decodeToWire(wire));

/** Encodes YAML text as the value of structured data (protocol 8). */
export const encodeYaml = (yaml: string): string =>
  `${yamlMarker} ${base64FromWire(wireFromText(yaml))}`;

/**
 * Decodes the value of structured data to its YAML text, with or without the blank after the
 * marker.
 *
 * @returns The YAML text, or `undefined` if the value is not marked as structured data.
 * @throws ClacksProtocolError with `CLACKS_ERR_BAD_VALUE` if it is marked so but not base64.
 */
export const decodeYaml = (wire: string): string | undefined => {
  if (!wire.startsWith(yamlMarker)) return undefined;
  const yaml = wireFromBase64(wire.slice(yamlMarker.length).trim());
  if (yaml === undefined) {
    throw new ClacksProtocolError(
      'CLACKS_ERR_BAD_VALUE',
      'A value marked as structured data is not base64.',
    );
  }
  return textFromWire(yaml);
};
