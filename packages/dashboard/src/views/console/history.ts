import { holdsPassword } from './console-log.ts';

/** Lines that are remembered at most. */
const linesMax = 200;
/** Longer lines are not: the browser keeps a few MiB only. */
const lengthMax = 2000;

/** Where lines are kept: `sessionStorage`. */
export type HistoryStorage = Pick<Storage, 'getItem' | 'setItem'>;

/** What somebody typed, to go back to: kept for as long as the tab is open, without passwords. */
export class History {
  readonly #storage: HistoryStorage;
  readonly #key: string;
  #lines: string[];
  /** Where in the lines somebody is; behind the last one for what is being typed. */
  #place: number;
  #typed = '';

  /** @param username - Others do not see the lines. */
  constructor(storage: HistoryStorage, username: string) {
    this.#storage = storage;
    this.#key = `clacks-console ${username}`;
    this.#lines = this.#read();
    this.#place = this.#lines.length;
  }

  /** Remembers lines that were sent. */
  add(lines: readonly string[]): void {
    for (const line of lines) {
      if (holdsPassword(line) || line.length > lengthMax || line === this.#lines.at(-1)) continue;
      this.#lines.push(line);
    }
    this.#lines = this.#lines.slice(-linesMax);
    this.#place = this.#lines.length;
    this.#typed = '';
    this.#storage.setItem(this.#key, JSON.stringify(this.#lines));
  }

  /**
   * Goes back, or forth again.
   *
   * @param typed - What stands there now: the end of the way forth is where it began.
   * @returns What is to stand there; undefined if there is nothing more that way.
   */
  go(direction: 'back' | 'forth', typed: string): string | undefined {
    const isTyping = this.#place === this.#lines.length;
    if (isTyping) this.#typed = typed;
    const place = this.#place + (direction === 'back' ? -1 : 1);
    if (place < 0 || place > this.#lines.length) return undefined;
    this.#place = place;
    return place === this.#lines.length ? this.#typed : this.#lines[place];
  }

  #read(): string[] {
    try {
      const lines: unknown = JSON.parse(this.#storage.getItem(this.#key) ?? '[]');
      if (!Array.isArray(lines)) return [];
      return lines.filter((line): line is string => typeof line === 'string');
    } catch {
      // Somebody else's: it is written over with the next line.
      return [];
    }
  }
}
