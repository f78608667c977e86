/** How many characters must be inserted, deleted or replaced to make one text of the other. */
const editDistance = (left: string, right: string): number => {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 0; row < left.length; row++) {
    const current = [row + 1];
    for (let column = 0; column < right.length; column++) {
      const replaced = (previous[column] ?? 0) + (right[column] === left[row] ? 0 : 1);
      const inserted = (current[column] ?? 0) + 1;
      const deleted = (previous[column + 1] ?? 0) + 1;
      current.push(Math.min(replaced, inserted, deleted));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
};

/** Longer names than any key are cut before they are compared. */
const longestName = 64;

/** The key that is nearest to a name, and how far it is. */
const nearest = (name: string, keys: readonly string[]): { key: string; distance: number } => {
  let best = { key: '', distance: Infinity };
  for (const key of keys) {
    const distance = editDistance(name, key.toLowerCase());
    if (distance < best.distance) best = { key, distance };
  }
  return best;
};

/**
 * Says which known key is nearest to an unknown one: in the same section, unless it is nearly a key
 * of another one.
 *
 * @param section - Where the unknown key stands.
 * @param known - The known keys by section; the root's is `''`.
 * @param separator - What stands between a section and its key.
 */
export const suggestKey = (
  unknown: string,
  section: string,
  known: Readonly<Record<string, readonly string[]>>,
  separator: string,
): string => {
  const written = unknown.slice(0, longestName).toLowerCase();
  let best = { section, ...nearest(written, known[section] ?? []) };
  for (const [other, keys] of Object.entries(known)) {
    const found = nearest(written, keys);
    if (found.distance <= 1 && found.distance < best.distance) best = { section: other, ...found };
  }
  const { key, distance } = best;
  const path = best.section === '' ? key : best.section + separator + key;
  const isNear = distance <= Math.max(2, key.length / 3) || key.toLowerCase().startsWith(written);
  return isNear
    ? `unknown key; did you mean ${path}?`
    : `unknown key; the nearest known one is ${path}`;
};
