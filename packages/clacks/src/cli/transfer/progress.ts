import { clearLine, cursorTo } from 'node:readline';
import { printNote } from '../output.ts';

/** After so many entries it is told how far it has come. */
const stepEntries = 100_000;
/** On a terminal, likewise. */
const terminalStepEntries = 5000;

/** A number of things in words. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** Tells on standard error how far a command has come: on a terminal in one line that changes. */
export class Progress {
  readonly #verb: string;
  #entries = 0;
  #nextAt: number;

  /** @param verb - What happens to entries: `exported`. */
  constructor(verb: string) {
    this.#verb = verb;
    this.#nextAt = this.#step;
  }

  /** How many entries there were so far. */
  get entries(): number {
    return this.#entries;
  }

  /** That in words: `exported 1 entry`. */
  get told(): string {
    return `${this.#verb} ${counted(this.#entries, 'entry', 'entries')}`;
  }

  /** So many more. */
  add(entries: number): void {
    this.#entries += entries;
    if (this.#entries < this.#nextAt) return;
    this.#nextAt = this.#entries - (this.#entries % this.#step) + this.#step;
    this.#erase();
    const line = `${this.told} so far`;
    if (process.stderr.isTTY) process.stderr.write(line);
    else printNote(line);
  }

  /** Makes room for another line. */
  end(): void {
    this.#erase();
  }

  get #step(): number {
    return process.stderr.isTTY ? terminalStepEntries : stepEntries;
  }

  #erase(): void {
    if (!process.stderr.isTTY) return;
    clearLine(process.stderr, 0);
    cursorTo(process.stderr, 0);
  }
}
