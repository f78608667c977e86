import {
  ClacksProtocolError,
  decodeValue,
  decodeYaml,
  encodeYaml,
  isReservedValue,
  yamlMarker,
} from '@clacks/protocol';
import { parseDocument, stringify, visit } from 'yaml';
import type { Document, YAMLParseError } from 'yaml';
import type { Client } from './client.ts';

/** The key as the name of a stored value: each space and each `=` becomes `___` (protocol 8). */
const nameOf = (key: string): string => key.replaceAll(/[ =]/gu, '___');

const encode = (value: unknown): string => {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value === 'string') {
    if (!isReservedValue(value) && !value.startsWith(yamlMarker)) return value;
    throw new TypeError(
      'A text that begins like an encoded value cannot be kept in the cache: ' +
        'it would come back as something else.',
    );
  }
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') {
    throw new TypeError(`A ${typeof value} cannot be kept in the cache.`);
  }
  // Quoted as YAML 1.1 needs it, which is what Perl reads.
  return encodeYaml(`---\n${stringify(value, { version: '1.1' })}`);
};

/**
 * Perl does not tell numbers from text: its `007`, `1.50` or `0x1f` may be either. What a number
 * would not print the same way stays text, so that nothing is lost.
 */
const keepInexactNumbers = (document: Document.Parsed): void => {
  visit(document, {
    Scalar: (_, node) => {
      const { value, source } = node;
      if (typeof value !== 'number' || source === undefined || !Number.isFinite(value)) return;
      if (String(value) !== source && !Object.is(value, -0)) node.value = source;
    },
  });
};

/** Perl's YAML::Syck does not quote text such as `,foo`, which the standard forbids. */
const isMistake = ({ code }: YAMLParseError): boolean => code !== 'BAD_SCALAR_START';

const decode = (raw: string): unknown => {
  const yaml = decodeYaml(raw);
  if (yaml === undefined) return decodeValue(raw);
  try {
    // The kinds of YAML 1.1 that JavaScript has, too; they are marked, and no text is taken for one.
    const document = parseDocument(yaml, { customTags: ['binary', 'set'] });
    const mistake = document.errors.find(isMistake);
    if (mistake !== undefined) throw mistake;
    keepInexactNumbers(document);
    return document.toJS();
  } catch (error) {
    throw new ClacksProtocolError(
      'CLACKS_ERR_BAD_VALUE',
      `A value marked as structured data is not YAML: ${(error as Error).message}`,
      { cause: error },
    );
  }
};

/**
 * The values that a server stores as a memcached-like cache (protocol 8), compatible with Perl's
 * `Net::Clacks::ClacksCache`: text as it is, structured data as YAML. In keys, each space and each
 * `=` becomes `___`.
 */
export class ClacksCache {
  readonly #client: Client;

  /** @param client - A connected client; it stays the caller's, who closes it. */
  constructor(client: Client) {
    this.#client = client;
  }

  /**
   * The value of a key: text, or structured data as it was kept; `undefined` if there is none.
   * Numbers come back as text, since others may have counted with them. Numbers within structured
   * data come back as numbers if nothing is lost by that: Perl's `007` and `1.50` stay text.
   *
   * @throws ClacksProtocolError with `CLACKS_ERR_BAD_VALUE` if somebody stored broken data.
   */
  async get(key: string): Promise<unknown> {
    const raw = await this.#client.retrieve(nameOf(key), { as: 'raw' });
    return raw === undefined ? undefined : decode(raw);
  }

  /**
   * Keeps text, a number, or anything that YAML can write.
   *
   * @throws TypeError for text that begins like an encoded value, for `undefined` and functions.
   */
  set(key: string, value: unknown): Promise<void> {
    return this.#client.store(nameOf(key), encode(value));
  }

  /** Removes a key. */
  delete(key: string): Promise<void> {
    return this.#client.remove(nameOf(key));
  }

  /** Adds to a number; a value that is none counts as 0. */
  incr(key: string, by?: number | string): Promise<void> {
    return this.#client.increment(nameOf(key), by);
  }

  /** Subtracts from a number; a value that is none counts as 0. */
  decr(key: string, by?: number | string): Promise<void> {
    return this.#client.decrement(nameOf(key), by);
  }

  /** All keys, as they are stored, in byte order. */
  keys(): Promise<string[]> {
    return this.#client.keylist();
  }
}
