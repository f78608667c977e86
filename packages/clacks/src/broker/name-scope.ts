import { anyLevels, coversPattern, isPattern, levelSeparator } from '@clacks/protocol';
import { matchesPattern, problemOfNamePattern, wireFromText } from '@clacks/protocol';

/** Most patterns of one scope: all of them may have to be tried for a name. */
const maxPatterns = 1000;

const openEnd = levelSeparator + anyLevels;

/** The names that somebody may use, given as names and patterns. */
export class NameScope {
  readonly #patterns: readonly string[];
  readonly #names = new Set<string>();
  /** What `Kitchen::**` and the like let begin: the usual kind, and quick to try. */
  readonly #prefixes: string[] = [];
  readonly #others: string[] = [];

  /**
   * @param patterns - Names and patterns (protocol 10.6), as text.
   * @throws TypeError if one is malformed, or there are too many.
   */
  constructor(patterns: readonly string[]) {
    if (patterns.length > maxPatterns) {
      throw new TypeError(`More than ${maxPatterns} patterns of names.`);
    }
    this.#patterns = patterns.map((pattern) => {
      const problem = problemOfNamePattern(pattern);
      if (problem !== undefined) throw new TypeError(`${JSON.stringify(pattern)} ${problem}.`);
      return wireFromText(pattern);
    });
    for (const pattern of this.#patterns) this.#sort(pattern);
  }

  /** Whether it holds the name. */
  allows(name: string): boolean {
    return (
      this.#names.has(name) ||
      this.#prefixes.some((prefix) => name.startsWith(prefix)) ||
      this.#others.some((pattern) => matchesPattern(pattern, name))
    );
  }

  /** Whether one of its patterns holds all that a name given to LISTEN stands for. */
  covers(pattern: string): boolean {
    if (!isPattern(pattern)) return this.allows(pattern);
    return this.#patterns.some((each) => coversPattern(each, pattern));
  }

  #sort(pattern: string): void {
    const start = pattern.slice(0, -anyLevels.length);
    if (!isPattern(pattern)) this.#names.add(pattern);
    else if (pattern === anyLevels) this.#prefixes.push('');
    else if (pattern.endsWith(openEnd) && !start.includes('*')) this.#prefixes.push(start);
    else this.#others.push(pattern);
  }
}
