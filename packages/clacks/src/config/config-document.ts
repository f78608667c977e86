import type { z } from 'zod';
import { wordsOfCommand } from './command-line.ts';
import { ConfigError } from './config-error.ts';
import { documentSchema, knownKeys } from './document.ts';
import type { HostSection } from './document.ts';
import { suggestKey } from './nearest.ts';
import type { XmlElement } from './xml.ts';

/** Where something stands: names of elements, each perhaps followed by which of that name. */
export type KeyPath = readonly PropertyKey[];

/** A section for the schema to check: each key with all that was given for it. */
type RawSection = Record<string, unknown[]>;

const rootName = 'clacks';
const commandsKey = 'socketcommands';

const isUnset = ({ children, text }: XmlElement): boolean =>
  children.length === 0 && text.trim() === '';

/**
 * What is wrong with a command, if anything: the value of a variable is one word of it, or a part of
 * one, never something for a shell to read.
 */
const problemOfCommand = ({ text, written }: XmlElement): string | undefined => {
  if (text === written) return undefined;
  const words = wordsOfCommand(text.trim())?.length;
  return words === written.trim().split(/[ \t]+/u).length
    ? undefined
    : 'a command with a variable in it is given to no shell: it may have words only, and the ' +
        'variable no blanks; put it into a script';
};

/** A configuration file: its content checked key by key, and where everything stands in it. */
export class ConfigDocument {
  readonly file: string;
  /** What holds for this host: the root, with what its own section sets in place of it. */
  readonly section: HostSection;
  readonly #root: XmlElement;
  readonly #hostname: string;
  readonly #ofHost: HostSection | undefined = undefined;

  /** @throws ConfigError if a key is unknown or its value is wrong, in any host's section. */
  constructor(root: XmlElement, file: string, hostname: string) {
    this.file = file;
    this.#root = root;
    this.#hostname = hostname;
    if (root.name !== rootName) {
      throw this.error([], `the root element is <${root.name}>, expected <${rootName}>`);
    }
    const result = documentSchema.safeParse(this.#raw(root, []));
    if (!result.success) throw this.#firstError(result.error.issues);
    const { hosts, ...section } = result.data;
    if (hosts !== undefined && Object.hasOwn(hosts, hostname)) this.#ofHost = hosts[hostname];
    const ofHost = Object.entries(this.#ofHost ?? {}).filter(([, value]) => value !== undefined);
    this.section = { ...section, ...Object.fromEntries(ofHost) };
  }

  /** Makes the error for a key of {@link section}, with the line where it was set. */
  errorInSection(path: KeyPath, message: string): ConfigError {
    const isOfHost = this.#ofHost?.[path[0] as keyof HostSection] !== undefined;
    return this.error(isOfHost ? ['hosts', this.#hostname, ...path] : path, message);
  }

  /** Makes the error for a key of the file. */
  error(path: KeyPath, message: string): ConfigError {
    const { key, line } = this.#locate(path);
    return new ConfigError(message, { file: this.file, key, line });
  }

  /** Turns elements into what the schema checks: arrays of text and objects. */
  #raw(element: XmlElement, path: KeyPath): RawSection {
    if (element.text.trim() !== '') {
      throw this.error(path, 'holds text beside its elements or attributes');
    }
    // Without a prototype, so that no name is special.
    const section = Object.create(null) as RawSection;
    for (const child of element.children) {
      const list = (section[child.name] ??= []);
      if (isUnset(child)) continue;
      const childPath = [...path, child.name, list.length];
      const problem = child.name === commandsKey ? problemOfCommand(child) : undefined;
      if (problem !== undefined) throw this.error(childPath, problem);
      list.push(child.children.length === 0 ? child.text : this.#raw(child, childPath));
    }
    return section;
  }

  /** The error for what stands first in the file, with all that stands behind it. */
  #firstError(issues: readonly z.core.$ZodIssue[]): ConfigError {
    const errors = issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => this.#unknownKey(issue.path, key))
        : [this.error(issue.code === 'too_big' ? [...issue.path, 1] : issue.path, issue.message)],
    );
    errors.sort((left, right) => (left.line ?? 0) - (right.line ?? 0));
    const [first, ...others] = errors;
    if (first === undefined) return this.error([], 'is not a configuration');
    const { problem, file, key, line } = first;
    return new ConfigError(problem, { file, key, line, others });
  }

  #unknownKey(path: KeyPath, key: string): ConfigError {
    const names = path.filter((part) => typeof part === 'string');
    const [name = ''] = names[0] === 'hosts' ? names.slice(2) : names;
    return this.error([...path, key], suggestKey(key, name, knownKeys, '/'));
  }

  #locate(path: KeyPath): { key: string | undefined; line: number } {
    let element = this.#root;
    const labels: string[] = [];
    for (const [position, name] of path.entries()) {
      if (typeof name !== 'string') continue;
      const next = path[position + 1];
      const index = typeof next === 'number' ? next : 0;
      const named = element.children.filter((child) => child.name === name);
      const set = named.filter((child) => !isUnset(child));
      labels.push(set.length > 1 ? `${name}[${index + 1}]` : name);
      element = set[index] ?? set[0] ?? named[0] ?? element;
    }
    return { key: labels.length === 0 ? undefined : labels.join('/'), line: element.line };
  }
}
