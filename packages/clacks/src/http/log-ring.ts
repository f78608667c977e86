import { inspect } from 'node:util';
import type { ApiLogEntry } from './api-types.ts';

/** Lines of the log that are kept for the page. */
const entriesMax = 1000;
/** Longest details of one, in characters. */
const detailsMax = 4096;

/** An error may be anything that somebody's own code throws: also what JSON cannot tell. */
const textOf = (details: Readonly<Record<string, unknown>>): string => {
  try {
    return JSON.stringify(details);
  } catch {
    return inspect(details, { depth: 2, breakLength: Infinity });
  }
};

/** The newest lines of a server's log. */
export class LogRing {
  readonly #entries: ApiLogEntry[] = [];
  #serial = 0;

  /** Adds a line: the oldest makes way. */
  add(level: string, message: string, details: Readonly<Record<string, unknown>>): void {
    this.#serial++;
    this.#entries.push({
      serial: this.#serial,
      atMs: Date.now(),
      level,
      message,
      details: textOf(details).slice(0, detailsMax),
    });
    if (this.#entries.length > entriesMax) this.#entries.shift();
  }

  /** The serial of the newest line; 0 if there was none. */
  get newest(): number {
    return this.#serial;
  }

  /** The newest lines behind that serial, no more than so many, the newest last. */
  after(serial: number, limit = entriesMax): readonly ApiLogEntry[] {
    const fresh = Math.min(this.#serial - serial, this.#entries.length, limit);
    return fresh <= 0 ? [] : this.#entries.slice(-fresh);
  }
}
