/*
 * What YAML::Syck's Dump writes of a map of scalars, or of a map of such maps:
 *
 *   document = [ "--- " LF ] ( "{}" LF / 1*entry ) *LF
 *   entry    = key ": " ( scalar / alias / [ anchor ] fields )
 *   fields   = "{}" LF [ LF ] / LF 1*( "  " key ": " ( scalar / alias ) )
 *   key      = double / plain
 *   scalar   = [ anchor ] ( double / single / "~" / plain ) LF
 *   anchor   = "&" 1*DIGIT " "
 *   alias    = "*" 1*DIGIT LF
 *   double   = [ "!default " ] DQUOTE *( any byte but LF, DQUOTE, "\" / escape ) DQUOTE
 *   escape   = "\" ( DQUOTE / "\" / one of "0abefnrtv" / "x" 2HEXDIG )
 *   single   = "'" *( any byte, "'" doubled, n LFs in a row as n + 1 ) "'"
 *   plain    = any bytes but LF; in a key, up to the first ": "
 *
 * A plain `~` is no value. Strings that look like a number but are no short integer are in single
 * quotes, and so are `~`, `null`, `yes` and their like. What could be taken for another form, such
 * as `a: b` or a blank at an end, is in double quotes, and so are control characters but TAB and
 * CR. Dump writes no blocks, flow collections, comments and complex keys, and no tags for strings.
 *
 * So this is the inverse of Dump. YAML::Syck's Load is not: it loses a CR at the end of a line, and
 * takes a quoted "=" for "str" if it has no tag. The tag is ours: see perl-file-writer.ts.
 */
import type { PerlFileError } from './perl-file-error.ts';

const byteOf = (character: string): number => character.charCodeAt(0);
const lineFeed = byteOf('\n');
const carriageReturn = byteOf('\r');
const blank = byteOf(' ');
const colon = byteOf(':');
const backslash = byteOf('\\');
const doubleQuote = byteOf('"');
const singleQuote = byteOf("'");
const ampersand = byteOf('&');
const exclamationMark = byteOf('!');
const asterisk = byteOf('*');

/** What Dump quotes at the beginning of a string, since something else begins with it. */
const neverPlain = new Set(Array.from(' \t\n!&*|>[{#"\'', byteOf));

/** A tag with which YAML::Syck's Load takes every string as it is. */
export const harmlessTag = '!default ';

const escapePattern = /\\(?:x([\dA-Fa-f]{2})|([^]))/gu;

const escapes = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['e', '\x1b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

/** Makes the error to throw when something else is expected in a line, counted from 1. */
export type Complaint = (expected: string, line: number) => PerlFileError;

/** Reads a document of YAML::Syck from its beginning to its end. Strings are wire strings. */
export class SyckCursor {
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly #complaint: Complaint;
  readonly #sharedScalars = new Map<string, string | undefined>();
  #at: number;
  #valueAt = 0;

  /**
   * @param start - Where in the bytes the document begins.
   * @param end - Where it ends.
   * @param complaint - Is told lines of `bytes`.
   */
  constructor(bytes: Buffer, start: number, end: number, complaint: Complaint) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#complaint = complaint;
  }

  /** The names of a map, each as soon as its value is to be read. Throws if it is no map. */
  *keys(): Generator<string> {
    this.#skip(lineFeed, carriageReturn);
    if (this.#startsWith('---')) {
      this.#at += 3;
      this.#skip(blank);
      if (!this.#startsWith('{}')) this.endLine();
    }
    if (this.#startsWith('{}')) {
      this.#at += 2;
      if (!this.#atEnd()) throw this.#expected('nothing after an empty map');
      return;
    }
    do yield this.#key();
    while (!this.#atEnd());
  }

  /** The names of a map within a map, likewise. */
  *innerKeys(): Generator<string> {
    if (this.#startsWith('{}')) {
      this.#at += 2;
      this.endLine();
      // Dump ends an empty map with two line ends, whatever follows.
      if (this.#bytes[this.#at] === lineFeed) this.endLine();
      return;
    }
    this.endLine();
    do {
      if (!this.#startsWith('  ')) throw this.#expected('an indented name');
      this.#at += 2;
      yield this.#key();
    } while (this.#bytes[this.#at] === blank && this.#at < this.#end);
  }

  /** A value: a string, or `undefined` for none. */
  scalar(): string | undefined {
    this.#valueAt = this.#at;
    return this.shared(this.#sharedScalars, this.#readScalar);
  }

  /**
   * A value that may stand in several places: the file holds it once and then refers to it.
   *
   * @param known - The values of that kind; grows.
   * @param read - Reads it where it stands.
   */
  shared<Value>(known: Map<string, Value>, read: () => Value): Value {
    const byte = this.#bytes[this.#at];
    if (byte === ampersand) {
      const anchor = this.#anchor();
      const value = read();
      known.set(anchor, value);
      return value;
    }
    if (byte !== asterisk) return read();
    const anchor = this.#anchor();
    if (!known.has(anchor)) throw this.#expected('a reference to an earlier value');
    this.endLine();
    return known.get(anchor) as Value;
  }

  /** The error to throw if the scalar that was read last is not what it should be. */
  unexpectedValue(expected: string): PerlFileError {
    return this.#expected(expected, this.#valueAt);
  }

  /** Steps over the end of a line, or finds the end of the document. */
  endLine(): void {
    if (this.#at === this.#end) return;
    if (this.#at > this.#end || this.#bytes[this.#at] !== lineFeed) {
      throw this.#expected('the end of the line');
    }
    this.#at++;
  }

  #atEnd(): boolean {
    let at = this.#at;
    while (at < this.#end && this.#isLineEnd(at)) at++;
    return at >= this.#end;
  }

  #isLineEnd(at: number): boolean {
    const byte = this.#bytes[at];
    return byte === lineFeed || byte === carriageReturn;
  }

  #skip(...skipped: readonly (number | undefined)[]): void {
    while (this.#at < this.#end && skipped.includes(this.#bytes[this.#at])) this.#at++;
  }

  #startsWith(expected: string): boolean {
    const end = this.#at + expected.length;
    return end <= this.#end && this.#text(this.#at, end) === expected;
  }

  #text(start: number, end: number): string {
    return this.#bytes.toString('latin1', start, end);
  }

  #expected(what: string, place = this.#at): PerlFileError {
    let line = 1;
    let at = this.#bytes.indexOf(lineFeed);
    while (at !== -1 && at < place) {
      line++;
      at = this.#bytes.indexOf(lineFeed, at + 1);
    }
    return this.#complaint(`${what} is expected`, line);
  }

  #skipTag(): void {
    if (this.#bytes[this.#at] !== exclamationMark) return;
    if (this.#startsWith(`${harmlessTag}"`)) this.#at += harmlessTag.length;
  }

  #key(): string {
    this.#skipTag();
    const byte = this.#bytes[this.#at];
    const key = byte === doubleQuote ? this.#doubleQuoted() : this.#plainKey();
    if (this.#bytes[this.#at] !== colon) throw this.#expected('a colon after the name');
    this.#at++;
    if (this.#bytes[this.#at] === blank) this.#at++;
    return key;
  }

  #plainKey(): string {
    const bytes = this.#bytes;
    const start = this.#at;
    for (let at = start; at < this.#end; at++) {
      const byte = bytes[at];
      if (byte === lineFeed) break;
      if (byte !== colon || (bytes[at + 1] !== blank && bytes[at + 1] !== lineFeed)) continue;
      if (at === start || neverPlain.has(bytes[start] ?? 0)) break;
      this.#at = at;
      return this.#text(start, at);
    }
    throw this.#expected('a name with a colon');
  }

  readonly #readScalar = (): string | undefined => {
    this.#skipTag();
    const first = this.#bytes[this.#at];
    if (first !== doubleQuote && first !== singleQuote) return this.#plain();
    const value = first === doubleQuote ? this.#doubleQuoted() : this.#singleQuoted();
    this.endLine();
    return value;
  };

  #plain(): string | undefined {
    const start = this.#at;
    if (start >= this.#end || neverPlain.has(this.#bytes[start] ?? 0)) {
      throw this.#expected('a string');
    }
    const lineEnd = this.#bytes.indexOf(lineFeed, start);
    const end = lineEnd === -1 || lineEnd > this.#end ? this.#end : lineEnd;
    this.#at = end;
    this.endLine();
    const text = this.#text(start, end);
    return text === '~' ? undefined : text;
  }

  #doubleQuoted(): string {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    let hasEscapes = false;
    let at = start;
    for (; bytes[at] !== doubleQuote; at++) {
      if (at >= this.#end || bytes[at] === lineFeed) throw this.#expected('a closing quote');
      if (bytes[at] !== backslash) continue;
      hasEscapes = true;
      at++;
    }
    const text = this.#text(start, at);
    const value = hasEscapes ? text.replace(escapePattern, this.#unescape) : text;
    this.#at = at + 1;
    return value;
  }

  readonly #unescape = (_: string, hex: string | undefined, letter: string): string => {
    if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
    const character = escapes.get(letter);
    if (character === undefined) throw this.#expected('an escape that YAML::Syck knows');
    return character;
  };

  #singleQuoted(): string {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    let at = start;
    for (; bytes[at] !== singleQuote || bytes[at + 1] === singleQuote; at++) {
      if (at >= this.#end) throw this.#expected('a closing quote');
      if (bytes[at] === singleQuote) at++;
    }
    const text = this.#text(start, at).replaceAll("''", "'").replace(/\n+/gu, this.#unfold);
    this.#at = at + 1;
    return text;
  }

  readonly #unfold = (lineEnds: string): string => {
    if (lineEnds.length === 1) throw this.#expected('an empty line within the quotes');
    return lineEnds.slice(1);
  };

  #anchor(): string {
    const start = ++this.#at;
    let end = start;
    while (/\d/u.test(String.fromCharCode(this.#bytes[end] ?? 0))) end++;
    this.#at = end;
    if (this.#bytes[end] === blank) this.#at++;
    return this.#text(start, end);
  }
}
