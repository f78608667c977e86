import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { ConfigError } from './config-error.ts';

/** An element or attribute of a configuration file: both are written the same way here. */
export interface XmlElement {
  readonly name: string;
  /** The line of its start tag, counted from 1. */
  readonly line: number;
  /** Its own text, outside of its children, as written, with variables replaced. */
  readonly text: string;
  /** The same with the names of variables in it, as far as there are any. */
  readonly written: string;
  /** Its attributes and elements. */
  readonly children: readonly XmlElement[];
}

/** How to read a file. */
export interface XmlOptions {
  /** The file's name, for messages. */
  readonly file: string;
  /** What to do to every name and text, for environment variables. */
  readonly replace: (text: string) => string;
  /** Names that messages may quote. */
  readonly knownNames: ReadonlySet<string>;
}

/** What the parser makes of a file: one key is the element's name, `:@` holds its attributes. */
type ParsedNode = Readonly<Record<string, unknown>>;

const textKey = '#text';
const cdataKey = '#cdata';
const attributesKey = ':@';
const positionKey = XMLParser.getMetaDataSymbol();

const parser = new XMLParser({
  preserveOrder: true,
  captureMetaData: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  trimValues: false,
  cdataPropName: cdataKey,
  // It would leave numeric entities as they are: see decodeEntities.
  processEntities: false,
});

const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length;

/** What the parser's messages quote may be part of a password: only known names are shown. */
const withoutSecrets = (message: string, knownNames: ReadonlySet<string>): string =>
  message.replaceAll(/'([^']*)'/gu, (quoted, name: string) =>
    knownNames.has(name) ? quoted : "'…'",
  );

// Comments and CDATA are matched first, so that what stands in them is skipped.
const refused =
  /<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|(<!)|(&)(?!(?:lt|gt|amp|quot|apos|#\d+|#x[\dA-Fa-f]+);)/gu;

/** A document type can define entities that grow to gigabytes or read other files. */
const refuseDefinitions = (text: string, file: string): void => {
  for (const match of text.matchAll(refused)) {
    const [, declaration, entity] = match;
    const line = lineAt(text, match.index);
    if (declaration !== undefined) {
      throw new ConfigError('a document type or other declaration is not allowed', { file, line });
    }
    if (entity !== undefined) {
      const message =
        'of the entities only &lt; &gt; &amp; &quot; &apos; and numeric ones are known';
      throw new ConfigError(message, { file, line });
    }
  }
};

const refuseBrokenXml = (text: string, { file, knownNames }: XmlOptions): void => {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- Its successor is a package apart; this one keeps to what the parser beside it accepts.
  const result = XMLValidator.validate(text);
  if (result === true) return;
  const { msg, line, col } = result.err as { msg: string; line: number; col?: number };
  const column = col === undefined ? '' : ` in column ${col}`;
  // Where several are not closed, the validator lists them as JSON.
  const problem = msg.startsWith("Invalid '")
    ? 'several elements are not closed'
    : withoutSecrets(msg, knownNames);
  throw new ConfigError(`is not well-formed XML${column}: ${problem}`, { file, line });
};

const parse = (text: string, file: string): ParsedNode[] => {
  try {
    return parser.parse(text) as ParsedNode[];
  } catch {
    // What the parser says here names no place, and may quote a password: it is no cause to keep.
    const message = 'is not well-formed XML: something is not closed, or has a forbidden name';
    throw new ConfigError(message, { file });
  }
};

const predefined: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

const codePoint = (number: number): string =>
  number <= 0x10_ff_ff ? String.fromCodePoint(number) : '\u{fffd}';

/** Entities that a document would have to define were refused before. */
const decodeEntities = (text: string): string =>
  text.replaceAll(
    /&(?:#(\d+)|#x([\dA-Fa-f]+)|(\w+));/gu,
    (entity, decimal?: string, hexadecimal?: string, name = '') => {
      if (decimal !== undefined) return codePoint(Number(decimal));
      if (hexadecimal !== undefined) return codePoint(Number.parseInt(hexadecimal, 16));
      return predefined[name as string] ?? entity;
    },
  );

/** The text of a node that is no element. */
const textOf = (node: ParsedNode): string => {
  const cdata = node[cdataKey] as readonly ParsedNode[] | undefined;
  if (cdata !== undefined) return cdata.map((part) => part[textKey] as string).join('');
  return decodeEntities((node[textKey] as string | undefined) ?? '');
};

/** Turns the parser's nodes into elements. */
class TreeBuilder {
  readonly #source: string;
  readonly #replace: (text: string) => string;

  constructor(source: string, replace: (text: string) => string) {
    this.#source = source;
    this.#replace = replace;
  }

  /** The elements among the nodes. Processing instructions (`?xml`) are left out. */
  elements(nodes: readonly ParsedNode[]): XmlElement[] {
    return nodes.flatMap((node) => {
      const tag = Object.keys(node).find((key) => key !== attributesKey);
      if (tag === undefined || tag.startsWith('#') || tag.startsWith('?')) return [];
      return [this.#element(tag, node)];
    });
  }

  #element(tag: string, node: ParsedNode): XmlElement {
    const content = node[tag] as readonly ParsedNode[];
    const attributes = (node[attributesKey] ?? {}) as Readonly<Record<string, string>>;
    const position = (node as Readonly<Record<symbol, { startIndex: number } | undefined>>)[
      positionKey as unknown as symbol
    ];
    const line = lineAt(this.#source, position?.startIndex ?? 0);
    const fromAttributes = Object.entries(attributes).map(([name, value]) => {
      const written = decodeEntities(value);
      const text = this.#replace(written);
      return { name: this.#replace(name), line, text, written, children: [] };
    });
    const written = content.map(textOf).join('');
    return {
      name: this.#replace(tag),
      line,
      text: this.#replace(written),
      written,
      children: [...fromAttributes, ...this.elements(content)],
    };
  }
}

/**
 * Parses a configuration file.
 *
 * @returns The root element.
 * @throws ConfigError if it is no well-formed XML, or defines entities.
 */
export const parseXml = (text: string, options: XmlOptions): XmlElement => {
  const { file, replace } = options;
  const source = text.replace(/^\u{feff}/u, '');
  refuseDefinitions(source, file);
  refuseBrokenXml(source, options);
  const [root, second] = new TreeBuilder(source, replace).elements(parse(source, file));
  if (root === undefined) throw new ConfigError('is not well-formed XML: no element', { file });
  if (second !== undefined) {
    throw new ConfigError('has a second root element', { file, line: second.line });
  }
  return root;
};
