/**
 * Cuts a stream of chunks into lines (protocol 1): a line ends at LF, every CR is dropped
 * wherever it stands, and empty lines are ignored.
 *
 * Lines are pulled, so that a reader that must wait in between (for a login, say) simply stops
 * pulling. The same bytes give the same lines however they are cut into chunks.
 */
export class LineSplitter {
  readonly #maxLineLength: number;
  #chunk = '';
  #position = 0;
  /** The beginning of an unfinished line, in the pieces it came in. */
  #pieces: string[] = [];
  #piecesLength = 0;
  #overflowed = false;

  /** @param maxLineLength - Longest accepted line in bytes, without its line end. */
  constructor(maxLineLength: number) {
    this.#maxLineLength = maxLineLength;
  }

  /**
   * Adds received bytes, as a wire string. Take all lines with {@link next} before adding more,
   * or the unread ones are copied.
   */
  push(chunk: string): void {
    if (this.#overflowed) return;
    this.#chunk =
      this.#position < this.#chunk.length ? this.#chunk.slice(this.#position) + chunk : chunk;
    this.#position = 0;
  }

  /** Returns the next complete line without its line end, or `undefined` if there is none yet. */
  next(): string | undefined {
    const chunk = this.#chunk;
    for (;;) {
      const end = chunk.indexOf('\n', this.#position);
      if (end === -1) {
        this.#keepRest();
        return undefined;
      }
      const line = this.#cut(end);
      if (line.length > this.#maxLineLength) {
        this.#overflow();
        return undefined;
      }
      if (line !== '') return line;
    }
  }

  /** True once a line was longer than allowed. Nothing more comes out after that. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** Bytes received that have not come out as lines yet. */
  get length(): number {
    return this.#piecesLength + this.#chunk.length - this.#position;
  }

  #cut(end: number): string {
    const chunk = this.#chunk;
    const start = this.#position;
    this.#position = end + 1;
    if (this.#piecesLength > 0) {
      this.#pieces.push(chunk.slice(start, end));
      const line = this.#pieces.join('').replaceAll('\r', '');
      this.#pieces = [];
      this.#piecesLength = 0;
      return line;
    }
    // Nearly always there is one CR, right before the LF.
    const firstCr = chunk.indexOf('\r', start);
    if (firstCr === -1 || firstCr >= end - 1) {
      return chunk.slice(start, firstCr === end - 1 ? firstCr : end);
    }
    return chunk.slice(start, end).replaceAll('\r', '');
  }

  #keepRest(): void {
    const rest = this.#position === 0 ? this.#chunk : this.#chunk.slice(this.#position);
    this.#chunk = '';
    this.#position = 0;
    if (rest === '') return;
    this.#pieces.push(rest);
    this.#piecesLength += rest.length;
    // One byte more than a line may have: the last one may be a CR.
    if (this.#piecesLength > this.#maxLineLength + 1) this.#overflow();
    // A line that comes byte by byte must not cost an array element for each byte.
    else if (this.#pieces.length >= 1024) this.#pieces = [this.#pieces.join('')];
  }

  #overflow(): void {
    this.#overflowed = true;
    this.#chunk = '';
    this.#position = 0;
    this.#pieces = [];
    this.#piecesLength = 0;
  }
}
