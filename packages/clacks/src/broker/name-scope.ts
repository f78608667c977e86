import {
  anyLevels,
  coversPattern,
  isPattern,
  levelSeparator,
  matchesLevels,
  maxPatternLevels,
  problemOfNamePatterns,
  wireFromText,
} from '@clacks/protocol';

const openEnd = levelSeparator + anyLevels;

/** The names that somebody may use, given as names and patterns. */
export class NameScope {
  readonly #patterns: readonly string[];
  readonly #names = new Set<string>();
  /** What `Kitchen::**` and the like let begin: the usual kind, and quick to try. */
  readonly #prefixes: string[] = [];
  /** Others, as their levels. */
  readonly #others: (readonly string[])[] = [];

  /**
   * @param patterns - Names and patterns (protocol 10.6), as text.
   * @throws TypeError if one is malformed, or there are too many.
   */
  constructor(patterns: readonly string[]) {
    const problem = problemOfNamePatterns(patterns);
    if (problem !== undefined) throw new TypeError(`Names that somebody may use: ${problem}.`);
    this.#patterns = patterns.map(wireFromText);
    for (const pattern of this.#patterns) this.#sort(pattern);
  }

  /** Whether it holds the name. */
  allows(name: string): boolean {
    return (
      this.#names.has(name) ||
      this.#prefixes.some((prefix) => name.startsWith(prefix)) ||
      (this.#others.length > 0 && this.#isOfOthers(name))
    );
  }

  /** Whether one of its patterns holds all that a name given to LISTEN stands for. */
  covers(pattern: string): boolean {
    if (!isPattern(pattern)) return this.allows(pattern);
    // No server takes a longer one.
    if (pattern.split(levelSeparator, maxPatternLevels + 1).length > maxPatternLevels) return false;
    return this.#patterns.some((each) => coversPattern(each, pattern));
  }

  #isOfOthers(name: string): boolean {
    // More levels make no difference, and a name may have millions.
    const levels = name.split(levelSeparator, maxPatternLevels + 1);
    return this.#others.some((pattern) => matchesLevels(pattern, levels));
  }

  #sort(pattern: string): void {
    const start = pattern.slice(0, -anyLevels.length);
    if (!isPattern(pattern)) this.#names.add(pattern);
    else if (pattern === anyLevels) this.#prefixes.push('');
    else if (pattern.endsWith(openEnd) && !start.includes('*')) this.#prefixes.push(start);
    else this.#others.push(pattern.split(levelSeparator));
  }
}
