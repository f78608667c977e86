import { lineEnd, verbs } from '@clacks/protocol';
import type { LineSource } from './ports.ts';

/** Stands for lines that are no command. */
const unknown = 'UNKNOWN';

/** Verbs whose lines are counted, each at its index; the last stands for what is no command. */
export const countedVerbs: readonly string[] = [...Object.keys(verbs), unknown];

const indexes = new Map(countedVerbs.map((verb, index) => [verb, index]));
const unknownIndex = countedVerbs.length - 1;

/** Where the lines of a verb are counted. */
export const indexOfVerb = (verb: string): number => indexes.get(verb) ?? unknownIndex;

const add = (counts: Float64Array, index: number, amount: number): void => {
  counts[index] = (counts[index] ?? 0) + amount;
};

const newCounts = (): Float64Array => new Float64Array(countedVerbs.length);

/**
 * Counts lines and their bytes, line ends included, by verb. Plain additions to arrays, since it is
 * done for each line: some ns.
 */
export class Traffic {
  /** What came in, by {@link indexOfVerb}. */
  readonly linesReceived = newCounts();
  readonly bytesReceived = newCounts();
  /** Signals that went out to who listens, by the verb that they came in with. */
  readonly signalsSent = newCounts();
  readonly signalBytesSent = newCounts();
  /** Other lines that connections were sent that are gone: see `Session.linesSent`. */
  othersSent = 0;
  #index = unknownIndex;
  #lines = 1;

  /** How many lines are being handled as one. */
  get lines(): number {
    return this.#lines;
  }

  /**
   * A line begins to be handled.
   *
   * @param index - That of its verb; `undefined` if it is no command.
   * @param length - Without its line end.
   */
  begin(index: number | undefined, length: number): void {
    this.#index = index ?? unknownIndex;
    this.#lines = 1;
    add(this.linesReceived, this.#index, 1);
    add(this.bytesReceived, this.#index, length + lineEnd.length);
  }

  /**
   * Takes the lines that are handled together with the one that began: see `LineSource.withAlike`.
   */
  takeAlike(line: string, headLength: number, lines: LineSource): string {
    const before = lines.taken;
    const all = lines.withAlike(line, headLength);
    const more = lines.taken - before;
    if (more === 0) return all;
    this.#lines += more;
    add(this.linesReceived, this.#index, more);
    add(this.bytesReceived, this.#index, all.length - line.length);
    return all;
  }

  /** A line came that is handled elsewhere. */
  received(verb: string, { length }: string): void {
    this.begin(indexOfVerb(verb), length);
  }

  /** What is being handled was sent to so many who listen. */
  delivered(receivers: number, bytes: number): void {
    add(this.signalsSent, this.#index, receivers * this.#lines);
    add(this.signalBytesSent, this.#index, receivers * bytes);
  }
}
