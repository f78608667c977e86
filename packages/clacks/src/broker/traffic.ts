import { lineEnd, verbs } from '@clacks/protocol';

/** Stands for lines that are no command. */
const unknown = 'UNKNOWN';

/** Verbs whose lines are counted. */
const countedVerbs: readonly string[] = [...Object.keys(verbs), unknown];

const indexes = new Map(countedVerbs.map((verb, index) => [verb, index]));
const unknownIndex = countedVerbs.length - 1;

/** Where the lines of a verb are counted. */
export const indexOfVerb = (verb: string): number => indexes.get(verb) ?? unknownIndex;

/** What went through of a verb. Bytes are with line ends. */
export interface VerbCounts {
  readonly verb: string;
  linesReceived: number;
  bytesReceived: number;
  /** Signals that went out to who listens because of it. */
  signalsSent: number;
  signalBytesSent: number;
}

const newCounts = (verb: string): VerbCounts => ({
  verb,
  linesReceived: 0,
  bytesReceived: 0,
  signalsSent: 0,
  signalBytesSent: 0,
});

/** Counts lines by verb: plain additions to the fields of one object, since it is done for each line. */
export class Traffic {
  /** By {@link indexOfVerb}. */
  readonly #counts = countedVerbs.map(newCounts);
  readonly #unknown = newCounts(unknown);
  /** Other lines that connections were sent that are gone: see `Session.linesSent`. */
  othersSent = 0;
  /** Where what is being handled is counted. */
  #current = this.#unknown;
  #lines = 1;

  /** What went through, each verb once. */
  get byVerb(): readonly VerbCounts[] {
    return this.#counts;
  }

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
    const counts = this.#counts[index ?? unknownIndex] ?? this.#unknown;
    counts.linesReceived++;
    counts.bytesReceived += length + lineEnd.length;
    this.#current = counts;
    this.#lines = 1;
  }

  /** So many more lines are handled together with the one that began. They have so many bytes. */
  more(lines: number, bytes: number): void {
    this.#lines += lines;
    this.#current.linesReceived += lines;
    this.#current.bytesReceived += bytes;
  }

  /** Lines of a verb were handled that were sent to nobody who listens. */
  handled(index: number, lines: number, bytes: number): void {
    const counts = this.#counts[index] ?? this.#unknown;
    counts.linesReceived += lines;
    counts.bytesReceived += bytes;
  }

  /** A line came that is handled elsewhere. */
  received(verb: string, { length }: string): void {
    this.begin(indexOfVerb(verb), length);
  }

  /** What is being handled was sent to so many who listen; fewer than none take back what was counted. */
  delivered(receivers: number, bytes: number): void {
    if (receivers === 0) return;
    this.#current.signalsSent += receivers * this.#lines;
    this.#current.signalBytesSent += receivers * bytes;
  }
}
