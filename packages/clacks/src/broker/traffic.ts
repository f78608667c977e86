import { lineEnd, verbs } from '@clacks/protocol';

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

  /** A line begins to be handled. Its length is without its line end. */
  begin(index: number, length: number): void {
    this.#index = index;
    this.#lines = 1;
    add(this.linesReceived, index, 1);
    add(this.bytesReceived, index, length + lineEnd.length);
  }

  /** More lines of the same kind are handled together with it: they have so many bytes. */
  more(lines: number, bytes: number): void {
    this.#lines += lines;
    add(this.linesReceived, this.#index, lines);
    add(this.bytesReceived, this.#index, bytes);
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
