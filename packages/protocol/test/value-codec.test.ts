import {
  ClacksProtocolError,
  base64Marker,
  bytesFromWire,
  decodeValue,
  decodeValueBytes,
  decodeYaml,
  encodeValue,
  encodeYaml,
  isReservedValue,
  textFromWire,
  wireFromBytes,
  wireFromText,
  yamlMarker,
} from '@clacks/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wireText } from './arbitraries.ts';

const special = fc.constantFrom(
  '\r',
  '\n',
  base64Marker,
  yamlMarker,
  'PAGECAMELCLACKSB64',
  '=',
  ' ',
);
const text = fc
  .array(fc.oneof(special, fc.string({ unit: 'binary' })), { maxLength: 4 })
  .map((parts) => parts.join(''));
const bytes = fc.uint8Array({ maxLength: 300 });

describe('an encoded value', () => {
  it('comes back as the text it was, on one line', () => {
    fc.assert(
      fc.property(text, (value) => {
        const wire = encodeValue(value);
        expect(wire).not.toMatch(/[^\0-\u{ff}]|[\r\n]/u);
        expect(decodeValue(wire)).toBe(value);
      }),
      { numRuns: 1000 },
    );
  });

  it('comes back as the bytes it was, on one line', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const wire = encodeValue(value);
        expect(wire).not.toMatch(/[\r\n]/u);
        expect(decodeValueBytes(wire)).toEqual(Uint8Array.from(value));
      }),
    );
  });

  it('is as written unless it has a line break or looks encoded', () => {
    expect(encodeValue('21.5 = warm')).toBe('21.5 = warm');
    expect(encodeValue('')).toBe('');
    expect(encodeValue('é')).toBe('Ã©');
    expect(encodeValue('a\nb')).toBe('PAGECAMELCLACKSB64:YQpi');
    expect(encodeValue('a\r')).toBe('PAGECAMELCLACKSB64:YQ0=');
    expect(encodeValue(Uint8Array.of(97))).toBe('PAGECAMELCLACKSB64:YQ==');
    expect(encodeValue('PAGECAMELCLACKSB64')).toBe('PAGECAMELCLACKSB64:UEFHRUNBTUVMQ0xBQ0tTQjY0');
  });

  it('that only looks like one is handed out as it came', () => {
    for (const wire of [`${base64Marker}a b`, `${base64Marker}A`, 'PAGECAMELCLACKSB64']) {
      expect(decodeValue(wire)).toBe(wire);
      expect(decodeValueBytes(wire)).toEqual(bytesFromWire(wire));
    }
    expect(decodeValue(base64Marker)).toBe('');
    expect(decodeValue(`x${base64Marker}YQ==`)).toBe(`x${base64Marker}YQ==`);
  });

  it('may be anything without an error', () => {
    fc.assert(
      fc.property(fc.constantFrom('', base64Marker, yamlMarker), wireText, (marker, rest) => {
        decodeValue(marker + rest);
        decodeValueBytes(marker + rest);
      }),
    );
  });

  it('is reserved by its beginning', () => {
    expect(isReservedValue('PAGECAMELCLACKSB64 anything')).toBe(true);
    expect(isReservedValue('PAGECAMELCLACKSB6')).toBe(false);
    expect(isReservedValue(' PAGECAMELCLACKSB64')).toBe(false);
  });
});

describe('structured data', () => {
  it('comes back as the YAML it was, with and without the blank', () => {
    fc.assert(
      fc.property(text, (yaml) => {
        const wire = encodeYaml(yaml);
        expect(wire.startsWith('PAGECAMELCLACKSYAMLB64: ')).toBe(true);
        expect(decodeYaml(wire)).toBe(yaml);
        expect(decodeYaml(wire.replace(': ', ':'))).toBe(yaml);
      }),
    );
  });

  it('is told from other values, and broken data from none', () => {
    expect(decodeYaml('PAGECAMELCLACKSB64:YQ==')).toBeUndefined();
    expect(decodeYaml('')).toBeUndefined();
    expect(() => decodeYaml(`${yamlMarker} a-b`)).toThrow(ClacksProtocolError);
    expect(() => decodeYaml(`${yamlMarker}A`)).toThrow(
      expect.objectContaining({ code: 'CLACKS_ERR_BAD_VALUE' }),
    );
  });
});

describe('wire strings', () => {
  it('hold bytes, one in each character', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20_000, size: 'max' }), (given) => {
        const wire = wireFromBytes(given);
        expect(wire).toHaveLength(given.length);
        expect(bytesFromWire(wire)).toEqual(Uint8Array.from(given));
      }),
      { numRuns: 30 },
    );
  });

  it('hold text as UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (given) => {
        expect(textFromWire(wireFromText(given))).toBe(given);
      }),
    );
    expect(textFromWire('\u{ef}\u{bb}\u{bf}a')).toBe('\u{feff}a');
    expect(textFromWire('a\u{ff}')).toBe('a\u{fffd}');
    expect(wireFromText('\u{d800}')).toBe(wireFromText('\u{fffd}'));
  });
});

it('refuses what is neither text nor bytes', () => {
  for (const wrong of [5, null, undefined, {}, ['a']]) {
    expect(() => encodeValue(wrong as never)).toThrow(TypeError);
  }
});

it('reads a value of nothing but padding at once', () => {
  const marked = `${base64Marker}${'='.repeat(1_000_000)}x`;
  expect(decodeValue(marked)).toBe(marked);
});
