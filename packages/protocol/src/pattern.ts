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

/** Whether a name is one that the pattern stands for. A pattern without `*` is a plain name. */
export const matchesPattern = (pattern: string, name: string): boolean => {
  const wanted = pattern.split(levelSeparator);
  const levels = name.split(levelSeparator);
  const open = wanted.at(-1) === anyLevels;
  if (open ? levels.length < wanted.length : levels.length !== wanted.length) return false;
  const fixed = open ? wanted.slice(0, -1) : wanted;
  return fixed.every((level, index) => level === anyLevel || level === levels[index]);
};
