import { lineEnd, textFromWire } from '@clacks/protocol';
import { detach } from '../broker/detach.ts';

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
    let start = 0;
    while (start < wire.length) {
      const found = wire.indexOf(lineEnd, start);
      const end = found === -1 ? wire.length : found;
      if (end > start) this.#addLine(wire, start, end);
      start = end + lineEnd.length;
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

  #addLine(wire: string, start: number, end: number): void {
    const length = end - start;
    if (this.#lines.length >= linesMax || this.#bytes + length > bytesMax) {
      this.#leftOut++;
      return;
    }
    // Else all that came with it would be kept.
    this.#lines.push(textFromWire(detach(wire.slice(start, end))));
    this.#bytes += length;
  }
}
