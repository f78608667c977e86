import { base64FromWire, wireFromBase64 } from '@clacks/protocol';
import { Problem } from './problem.ts';

/** Where the first name is that is not before that one, in a sorted list. */
export const lowerBound = (
  names: readonly string[],
  name: string,
  from: number,
  to: number,
): number => {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((names[middle] ?? '') < name) low = middle + 1;
    else high = middle;
  }
  return low;
};

/**
 * Says where a list goes on, for `next`: with a name. Those are wire strings, which no text can be relied
 * on to bring back.
 */
export const encodeCursor = (wire: string): string => base64FromWire(wire);

/**
 * The name that {@link encodeCursor} was given.
 *
 * @throws Problem if it is nothing that `next` said.
 */
export const decodeCursor = (cursor: string): string => {
  const wire = wireFromBase64(cursor);
  if (wire === undefined) throw new Problem('bad_request', 'after: expected what `next` said.');
  return wire;
};
