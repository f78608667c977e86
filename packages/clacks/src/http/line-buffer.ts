import { lineEnd, textFromWire } from '@clacks/protocol';

/** How much is kept that nobody has taken. */
const linesMax = 2000;
const bytesMax = 1024 * 1024;

/** Collects lines for somebody who takes them from time to time; what is too much is only counted. */
export class LineBuffer {
  #lines: string[] = [];
  #bytes = 0;
  #leftOut = 0;

  /** Adds a wire string of whole lines. */
  add(wire: string): void {
    for (const line of wire.split(lineEnd)) {
      if (line === '') continue;
      if (this.#lines.length >= linesMax || this.#bytes + line.length > bytesMax) this.#leftOut++;
      else {
        this.#lines.push(textFromWire(line));
        this.#bytes += line.length;
      }
    }
  }

  /** What came since the last time. */
  take(): { readonly lines: readonly string[]; readonly leftOut: number } {
    const taken = { lines: this.#lines, leftOut: this.#leftOut };
    this.#lines = [];
    this.#bytes = 0;
    this.#leftOut = 0;
    return taken;
  }
}
