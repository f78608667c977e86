const separator = '::';
/** Suggestions at a time. */
const suggestionsMax = 40;

/** Patterns for all names beside and below a name: of `a::b::c` `a::b::**` and `a::**`. */
const patternsAround = (name: string): string[] => {
  const levels = name.split(separator);
  return levels.slice(1).map((_, index) => `${levels.slice(0, index + 1).join(separator)}::**`);
};

/**
 * What somebody may mean who has typed a part of a name: names that hold it, and patterns for many of
 * them at once.
 *
 * @param names - Names that are known of.
 */
export const suggestionsFor = (typed: string, names: readonly string[]): readonly string[] => {
  const wanted = typed.toLowerCase();
  const patterns = new Map<string, number>();
  const fitting = new Set<string>();
  for (const name of names) {
    for (const pattern of patternsAround(name)) {
      if (pattern.toLowerCase().includes(wanted)) {
        patterns.set(pattern, (patterns.get(pattern) ?? 0) + 1);
      }
    }
    if (name.toLowerCase().includes(wanted)) fitting.add(name);
  }
  // A pattern for one name is no help.
  const useful = [...patterns].filter(([, count]) => count > 1).map(([pattern]) => pattern);
  return [...useful.slice(0, suggestionsMax / 2), ...fitting].slice(0, suggestionsMax);
};
