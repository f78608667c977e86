import { everything } from '../broker/ports.ts';
import type { CacheEntry, Change } from '../broker/ports.ts';
import { ByteReader } from './bytes.ts';
import type { ByteWriter } from './bytes.ts';
import { readEntry, writeKey, writeRecord } from './record.ts';

/** What happens to a store: one byte, then key and record as far as there are some. */
export const operations = { clear: 0, put: 1, forget: 2 } as const;

/** Puts changes into bytes, as they go to the store's process. */
export const writeChanges = (bytes: ByteWriter, changes: readonly Change[]): void => {
  for (const change of changes) {
    if (change === everything) {
      bytes.u8(operations.clear);
    } else if (typeof change === 'string') {
      if (change === '') continue;
      bytes.u8(operations.forget);
      writeKey(bytes, change);
    } else {
      bytes.u8(operations.put);
      writeKey(bytes, change.name);
      writeRecord(bytes, change);
    }
  }
};

/** The entries that come from the store's process. */
export function* readEntries(data: Uint8Array): Generator<CacheEntry> {
  const reader = new ByteReader(data);
  while (!reader.isAtEnd) {
    const key = reader.sizedBytes();
    yield readEntry(key, new ByteReader(reader.sizedBytes()));
  }
}
