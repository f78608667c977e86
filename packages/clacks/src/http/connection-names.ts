import { textFromWire } from '@clacks/protocol';
import type { ApiConnectionNames } from './api-types.ts';
import { pickInParts } from './in-parts.ts';
import { sortNames } from './name-sorting.ts';
import { decodeCursor, encodeCursor, lowerBound } from './paging.ts';
import type { AdminUser } from './ports.ts';

/**
 * A part of the names and patterns that a connection listens to, in byte order.
 *
 * @param names - As wire strings. Some may come and go meanwhile.
 * @param user - Is told those alone that it may know of: what a MONITOR would see asked for.
 * @param after - The `next` of the part before.
 */
export const partOfNames = async (
  names: Iterable<string>,
  { readable }: AdminUser,
  after: string | undefined,
  limit: number,
): Promise<ApiConnectionNames> => {
  const first = after === undefined ? '' : decodeCursor(after);
  const sorted = await sortNames(names);
  const rest = sorted.slice(lowerBound(sorted, first, 0, sorted.length));
  const told =
    readable === undefined ? rest : await pickInParts(rest, (name) => readable.covers(name));
  const next = told[limit];
  return {
    items: told.slice(0, limit).map(textFromWire),
    ...(next !== undefined && { next: encodeCursor(next) }),
  };
};
