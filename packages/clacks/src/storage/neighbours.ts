/** Of longer keys not every beginning is tried. */
const maxSingleSteps = 24;

/** The lengths of a key's beginnings, the longest first. */
function* lengthsOf(key: Buffer): Generator<number> {
  let step = 1;
  for (let length = key.length, tried = 1; length > 0; length -= step, tried++) {
    yield length;
    if (tried > maxSingleSteps) step *= 2;
  }
}

/**
 * Keys behind a key, the next ones first: its beginnings, long ones first, with one more in their last
 * byte.
 */
export function* keysAbove(key: Buffer): Generator<Buffer> {
  for (const length of lengthsOf(key)) {
    const last = key[length - 1] ?? 0xff;
    if (last === 0xff) continue;
    const above = Buffer.from(key.subarray(0, length));
    above[length - 1] = last + 1;
    yield above;
  }
}

/** Keys before a key, the next ones first: its beginnings, long ones first. */
export function* keysBelow(key: Buffer): Generator<Buffer> {
  for (const length of lengthsOf(key)) {
    if (length < key.length) yield Buffer.from(key.subarray(0, length));
  }
}
