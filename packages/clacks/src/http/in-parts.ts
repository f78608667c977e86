import { setImmediate as nextTurn } from 'node:timers/promises';

/** Names that are looked at in one go: some ms with many patterns, so that nobody has to wait long. */
const partSize = 256;

/**
 * Picks items, a part in each turn of the event loop.
 *
 * @param items - Do not change meanwhile.
 */
export const pickInParts = async <Item>(
  items: readonly Item[],
  fits: (item: Item) => boolean,
): Promise<Item[]> => {
  const picked: Item[] = [];
  for (let start = 0; start < items.length; start += partSize) {
    if (start > 0) await nextTurn();
    for (const item of items.slice(start, start + partSize)) if (fits(item)) picked.push(item);
  }
  return picked;
};
