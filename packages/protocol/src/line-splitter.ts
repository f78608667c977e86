/** Lines that come out together are no longer than this, so that nobody is kept waiting for long. */
const maxAlikeLength = 64 * 1024;

/** Pieces of a line are put together when there are so many. */
const maxPieces = 1024;

/**
 * The pieces in which the beginning of a line came. A line that comes byte by byte must not cost an
 * array element for each byte, nor be copied again and again.
 */
class Beginning {
  /** Of many pieces each. */
  readonly #blocks: string[] = [];
  #pieces: string[] = [];
  length = 0;

  add(piece: string): void {
    this.#pieces.push(piece);
    this.length += piece.length;
    if (this.#pieces.length < maxPieces) return;
    this.#blocks.push(this.#pieces.join(''));
    this.#pieces = [];
  }

  get lastCharacter(): string | undefined {
    const last = this.#pieces.at(-1) ?? this.#blocks.at(-1);
    return last?.at(-1);
  }

  join(): string {
    const end = this.#pieces.join('');
    return this.#blocks.length === 0 ? end : this.#blocks.join('') + end;
  }
}

/** Stands for bytes that are not known. */
const none: Uint8Array = new Uint8Array();

/**
 * Cuts a stream of chunks into lines (protocol 1): a line ends at LF, every CR is dropped
 * wherever it stands, and empty lines are ignored.
 *
 * Lines are pulled, so that a reader that must wait in between (for a login, say) simply stops
 * pulling. The same bytes give the same lines however they are cut into chunks.
 */
export class LineSplitter {
  #maxLineLength: number;
  #chunk = '';
  /** The same as bytes, if it is known. */
  #bytes: Uint8Array = none;
  #position = 0;
  /** Where the next CR of the chunk is, if it is not before the position. */
  #cr = -1;
  /** Where the last line begins that lies in the chunk as it came in; -1 if it does not. */
  #lastStart = -1;
  /** The beginning of a line whose end has not come in yet. */
  #beginning: Beginning | undefined;
  #overflowed = false;
  #taken = 0;
  #alike = 0;

  /** @param maxLineLength - Longest accepted line in bytes, without its line end. */
  constructor(maxLineLength: number) {
    this.#maxLineLength = maxLineLength;
  }

  /** Accepts lines of that many bytes from now on. */
  setMaxLineLength(maxLineLength: number): void {
    this.#maxLineLength = maxLineLength;
  }

  /**
   * Adds received bytes, as a wire string. Take all lines with {@link next} before adding more,
   * or the unread ones are copied.
   *
   * @param bytes - The same as bytes, which must not change until all lines of it have come out:
   * given so that they can be read from `bytes`.
   */
  push(chunk: string, bytes = none): void {
    if (this.#overflowed) return;
    const isRead = this.#position >= this.#chunk.length;
    this.#chunk = isRead ? chunk : this.#chunk.slice(this.#position) + chunk;
    this.#bytes = isRead ? bytes : none;
    this.#position = 0;
    this.#cr = -1;
    this.#lastStart = -1;
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
      const length = this.#beginningLength + end - this.#position;
      if (length > this.#maxLineLength && this.#isTooLong(length, end)) {
        this.#overflow();
        return undefined;
      }
      const line = this.#cut(end);
      if (line !== '') {
        this.#taken++;
        return line;
      }
    }
  }

  /**
   * Takes the lines that follow the last one as well, as long as they begin in the same way and are
   * there as they would be sent: with CR LF at the end and no other CR.
   *
   * @param line - The last line.
   * @param headLength - How many of its bytes count, its line end included.
   * @returns All of them, with a line end between each two; just the last line if none follows.
   */
  withAlike(line: string, headLength: number): string {
    const start = this.#lastStart;
    const first = this.#position;
    if (start === -1 || !this.#mayBeAlike(start, headLength)) return line;
    const head = this.#chunk.slice(start, start + headLength);
    const limit = start + maxAlikeLength;
    let alike = 0;
    while (this.#position < limit && this.#takeAlike(head)) alike++;
    this.#alike = alike;
    this.#taken += alike;
    // Two bytes of line end.
    return this.#position === first ? line : this.#chunk.slice(start, this.#position - 2);
  }

  /** Whether the next line begins in {@link bytes}. */
  get hasBytes(): boolean {
    return this.#bytes !== none && this.#beginning === undefined;
  }

  /** What was pushed last as bytes, for who can read lines without having them cut out. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Where in {@link bytes} the next line begins, if {@link hasBytes}. */
  get position(): number {
    return this.#position;
  }

  /**
   * Lines were read from {@link bytes}.
   *
   * @param position - Where the next one begins.
   * @param lines - How many they were.
   */
  skipTo(position: number, lines: number): void {
    this.#position = position;
    this.#taken += lines;
  }

  /** True once a line was longer than allowed. Nothing more comes out after that. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** How many lines {@link withAlike} took, when it last took any, besides the one that it was given. */
  get alike(): number {
    return this.#alike;
  }

  /** How many lines have come out, those of {@link withAlike} and {@link skipTo} each for itself. */
  get taken(): number {
    return this.#taken;
  }

  /** Bytes received that have not come out as lines yet. */
  get length(): number {
    return this.#beginningLength + this.#chunk.length - this.#position;
  }

  /** Every byte counts, but not a CR right before LF, as it is part of the line end. */
  #isTooLong(length: number, end: number): boolean {
    if (length > this.#maxLineLength + 1) return true;
    const last = end > this.#position ? this.#chunk[end - 1] : this.#beginning?.lastCharacter;
    return last !== '\r';
  }

  #cut(end: number): string {
    const chunk = this.#chunk;
    const start = this.#position;
    this.#position = end + 1;
    this.#lastStart = -1;
    if (this.#beginning !== undefined) {
      this.#beginning.add(chunk.slice(start, end));
      const line = this.#beginning.join().replaceAll('\r', '');
      this.#beginning = undefined;
      return line;
    }
    // Nearly always there is one CR, right before the LF.
    if (this.#cr < start) this.#findCr(start);
    const firstCr = this.#cr;
    if (firstCr > end) return chunk.slice(start, end);
    if (firstCr === end - 1) {
      this.#lastStart = start;
      return chunk.slice(start, firstCr);
    }
    return chunk.slice(start, end).replaceAll('\r', '');
  }

  /** Most lines that differ do so at the end of their names: then nothing has to be cut out. */
  #mayBeAlike(start: number, headLength: number): boolean {
    const offset = headLength - 2;
    const code = this.#chunk.charCodeAt(this.#position + offset);
    return code === this.#chunk.charCodeAt(start + offset);
  }

  #takeAlike(head: string): boolean {
    const chunk = this.#chunk;
    const start = this.#position;
    // Cutting it out and comparing that is faster than `startsWith`.
    if (chunk.slice(start, start + head.length) !== head) return false;
    const end = chunk.indexOf('\n', start);
    if (end === -1 || end - 1 - start > this.#maxLineLength) return false;
    if (this.#cr < start) this.#findCr(start);
    if (this.#cr !== end - 1) return false;
    this.#position = end + 1;
    return true;
  }

  /** Looks for a CR once, not again for each line before it. */
  #findCr(start: number): void {
    const found = this.#chunk.indexOf('\r', start);
    this.#cr = found === -1 ? this.#chunk.length : found;
  }

  #keepRest(): void {
    const rest = this.#position === 0 ? this.#chunk : this.#chunk.slice(this.#position);
    this.#chunk = '';
    this.#bytes = none;
    this.#position = 0;
    if (rest === '') return;
    this.#beginning ??= new Beginning();
    this.#beginning.add(rest);
    // One byte more than a line may have: the last one may be a CR.
    if (this.#beginning.length > this.#maxLineLength + 1) this.#overflow();
  }

  get #beginningLength(): number {
    return this.#beginning === undefined ? 0 : this.#beginning.length;
  }

  #overflow(): void {
    this.#overflowed = true;
    this.#chunk = '';
    this.#bytes = none;
    this.#position = 0;
    this.#beginning = undefined;
  }
}
