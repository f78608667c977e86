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

/** A known key, and the section it belongs in. */
interface Candidate {
  readonly section: string;
  readonly key: string;
}

/** Longer names than any key are cut before they are compared. */
const longestName = 64;

/**
 * Says which known key is nearest to an unknown one: in the same section if there is one as near,
 * otherwise in another.
 *
 * @param section - Where the unknown key stands.
 * @param known - The known keys by section.
 */
export const suggestKey = (
  unknown: string,
  section: string,
  known: Readonly<Record<string, readonly string[]>>,
): string => {
  const written = unknown.slice(0, longestName).toLowerCase();
  let best: Candidate | undefined;
  let bestDistance = Infinity;
  const sections = [section, ...Object.keys(known).filter((name) => name !== section)];
  for (const name of sections) {
    for (const key of known[name] ?? []) {
      const distance = editDistance(written, key.toLowerCase());
      if (distance >= bestDistance) continue;
      best = { section: name, key };
      bestDistance = distance;
    }
  }
  if (best === undefined) return 'unknown key';
  const path = best.section === '' ? best.key : `${best.section}/${best.key}`;
  const isNear = bestDistance <= Math.max(2, best.key.length / 3);
  return isNear
    ? `unknown key; did you mean ${path}?`
    : `unknown key; the nearest known one is ${path}`;
};
