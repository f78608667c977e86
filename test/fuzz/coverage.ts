import { Session } from 'node:inspector';
import type { Profiler } from 'node:inspector';

const isOurs = (url: string): boolean => /\/packages\/(?:protocol|clacks)\/dist\//u.test(url);

/** Counts that are told apart, as in AFL: 1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127, more. */
const bucketStarts = [1, 2, 3, 4, 8, 16, 32, 128];

const bucketOf = (count: number): number => bucketStarts.findLastIndex((start) => count >= start);

/**
 * Which code of ours has run, block by block, and about how often. V8 counts by itself: nothing has
 * to be instrumented.
 */
export class Coverage {
  readonly #session = new Session();
  /** Blocks that have run, each with a bucket of counts. */
  readonly #seen = new Set<string>();

  /** Begins to count. Code that is loaded before is not seen as exactly. */
  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** How many different things have been seen to run. */
  get size(): number {
    return this.#seen.size;
  }

  /** Whether anything new has run since the last call. */
  hasGrown(): boolean {
    const before = this.#seen.size;
    for (const script of this.#take()) {
      if (!isOurs(script.url)) continue;
      for (const { ranges } of script.functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count === 0) continue;
          this.#seen.add(`${script.scriptId}:${startOffset}:${endOffset}:${bucketOf(count)}`);
        }
      }
    }
    return this.#seen.size > before;
  }

  #take(): Profiler.ScriptCoverage[] {
    let scripts: Profiler.ScriptCoverage[] = [];
    // It answers before post() returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error;
      scripts = result;
    });
    return scripts;
  }
}
