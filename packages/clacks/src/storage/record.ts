/*
 * An entry as the store keeps it. Numbers are little-endian, strings are bytes.
 *
 *   key     = 0x00 name | 0x01 SHA-256(name)      ; the latter for names that make no key of LMDB
 *   record  = kind cacheTimeUs accessedAfterS stampShiftMs [ name ] [ counter ] value
 *   kind    = u8, a sum: 1 there is a value, 2 it was counted, 4 the name stands here
 *   name    = u32 length, bytes
 *   counter = u32 length, JSON: [base time, base stamp, base value, [id, steps, sum]…]
 *
 * Times are f64. A time that never was is null in JSON.
 */
import { createHash } from 'node:crypto';
import type { CacheEntry, Counter } from '../broker/ports.ts';
import type { ByteReader, ByteWriter } from './bytes.ts';

const kinds = { value: 1, counter: 2, longName: 4 } as const;
const keyKinds = { name: 0, hash: 1 } as const;

/** LMDB takes keys of up to 1,978 bytes; shorter ones fit more to a page. */
const maxKeyNameBytes = 1000;

type StoredCounter = [
  baseTimeUs: number | null,
  baseStampUs: number | null,
  baseValue: string | null,
  parts: [id: string, steps: number, sum: number][],
];

const counterText = ({ base, baseValue, parts }: Counter): string => {
  // JSON has no infinite numbers: they become null by themselves. Of wire strings it makes one.
  const stored: StoredCounter = [
    base.timeUs,
    base.stampUs,
    baseValue ?? null,
    parts.map(({ nodeId, steps, sum }) => [nodeId, steps, sum]),
  ];
  return JSON.stringify(stored);
};

const counterOf = (text: string): Counter => {
  const stored = JSON.parse(text) as StoredCounter;
  const [timeUs, stampUs, baseValue, parts] = stored;
  return {
    base: { timeUs: timeUs ?? -Infinity, stampUs: stampUs ?? -Infinity },
    baseValue: baseValue ?? undefined,
    parts: parts.map(([nodeId, steps, sum]) => ({ nodeId, steps, sum })),
  };
};

/** Writes the key of a name, its length before it. */
export const writeKey = (bytes: ByteWriter, name: string): void => {
  const gap = bytes.gap();
  if (name.length <= maxKeyNameBytes) {
    bytes.u8(keyKinds.name);
    bytes.wire(name);
  } else {
    bytes.u8(keyKinds.hash);
    bytes.bytes(createHash('sha256').update(name, 'latin1').digest());
  }
  bytes.fill(gap);
};

/** Writes the record of an entry, its length before it. */
export const writeRecord = (bytes: ByteWriter, entry: CacheEntry): void => {
  const { name, value, cacheTimeUs, accessedAfterS, stampShiftMs, counter } = entry;
  const isLong = name.length > maxKeyNameBytes;
  const gap = bytes.gap();
  bytes.u8(
    (value === undefined ? 0 : kinds.value) |
      (counter === undefined ? 0 : kinds.counter) |
      (isLong ? kinds.longName : 0),
  );
  bytes.f64(cacheTimeUs);
  bytes.f64(accessedAfterS);
  bytes.f64(stampShiftMs);
  if (isLong) bytes.sizedWire(name);
  if (counter !== undefined) bytes.sizedWire(counterText(counter));
  if (value !== undefined) bytes.wire(value);
  bytes.fill(gap);
};

/** V8 keeps a number that is a small integer in the object itself, if it knows it as one. */
const small = (value: number): number => {
  const integer = value | 0;
  return integer === value ? integer : value;
};

/**
 * Reads an entry: its key and its record.
 *
 * @throws RangeError, SyntaxError if they are none.
 */
export const readEntry = (key: Buffer, record: ByteReader): CacheEntry => {
  const kind = record.u8();
  const cacheTimeUs = record.f64();
  const accessedAfterS = small(record.f64());
  const stampShiftMs = small(record.f64());
  const name = (kind & kinds.longName) === 0 ? key.toString('latin1', 1) : record.sizedWire();
  const counter = (kind & kinds.counter) === 0 ? undefined : counterOf(record.sizedWire());
  const value = (kind & kinds.value) === 0 ? undefined : record.wire(record.rest);
  return { name, value, cacheTimeUs, accessedAfterS, stampShiftMs, counter };
};
