import { levelSeparator } from './name.ts';

/** Stands for exactly one level of a name. */
export const anyLevel = '*';

/** As a pattern's last level, stands for one or more levels of a name. */
export const anyLevels = '**';

/**
 * Whether a name given to LISTEN is a pattern (protocol 10.6): one of its levels is `*`, or its
 * last level is `**`.
 */
export const isPattern = (name: string): boolean => {
  if (!name.includes('*')) return false;
  const levels = name.split(levelSeparator);
  return levels.includes(anyLevel) || levels.at(-1) === anyLevels;
};

/**
 * Whether every name that the inner pattern stands for is one that the outer one stands for. Either
 * may be a plain name, which stands for itself.
 */
export const coversPattern = (outer: string, inner: string): boolean => {
  const wanted = outer.split(levelSeparator);
  const levels = inner.split(levelSeparator);
  const wantedIsOpen = wanted.at(-1) === anyLevels;
  const isOpen = levels.at(-1) === anyLevels;
  // An open pattern has at least as many levels as are written, and at most any number.
  if (wantedIsOpen ? levels.length < wanted.length : isOpen || levels.length !== wanted.length) {
    return false;
  }
  const fixed = wantedIsOpen ? wanted.slice(0, -1) : wanted;
  return fixed.every((level, index) => level === anyLevel || level === levels[index]);
};

/**
 * Same as {@link matchesPattern}, with both split into their levels.
 *
 * @param levels - Of the name; those beyond the pattern's number of levels and one more may be missing.
 */
export const matchesLevels = (wanted: readonly string[], levels: readonly string[]): boolean => {
  const open = wanted.at(-1) === anyLevels;
  if (open ? levels.length < wanted.length : levels.length !== wanted.length) return false;
  const fixed = open ? wanted.length - 1 : wanted.length;
  for (let index = 0; index < fixed; index++) {
    if (wanted[index] !== anyLevel && wanted[index] !== levels[index]) return false;
  }
  return true;
};

/** Whether a name is one that the pattern stands for. A pattern without `*` is a plain name. */
export const matchesPattern = (pattern: string, name: string): boolean => {
  const wanted = pattern.split(levelSeparator);
  // More levels make no difference, and a name may have millions.
  return matchesLevels(wanted, name.split(levelSeparator, wanted.length + 1));
};

/** Most levels of a pattern, so that matching one name stays cheap. */
export const maxPatternLevels = 32;

/** Most names and patterns that say which names somebody may use: all may have to be tried. */
const maxNamePatterns = 1000;

const problemOfOne = (pattern: string): string | undefined => {
  if (pattern === '') return 'is empty';
  if (/[ =\r\n]/u.test(pattern)) return 'has a space, a "=" or a line break, which no name has';
  const levels = pattern.split(levelSeparator);
  if (levels.length > maxPatternLevels) return `has more than ${maxPatternLevels} levels`;
  if (levels.slice(0, -1).includes(anyLevels)) return 'has ** before its last level';
  const isPart = (level: string): boolean =>
    level.includes('*') && level !== anyLevel && level !== anyLevels;
  return levels.some(isPart) ? 'has a * that is no whole level: write a::* or a::**' : undefined;
};

/**
 * What is wrong with names and patterns that say which names somebody may use, if anything. Unlike in
 * LISTEN, a `*` that stands for nothing is no part of a name here, but a mistake.
 */
export const problemOfNamePatterns = (patterns: readonly string[]): string | undefined => {
  if (patterns.length > maxNamePatterns) return `there are more than ${maxNamePatterns} patterns`;
  for (const pattern of patterns) {
    const problem = problemOfOne(pattern);
    if (problem !== undefined) return `the pattern ${JSON.stringify(pattern)} ${problem}`;
  }
  return undefined;
};
