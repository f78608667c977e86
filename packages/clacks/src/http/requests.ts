import { assertName, assertSingleLine, wireFromText } from '@clacks/protocol';
import type { z } from 'zod';
import type { SiteContext } from './access.ts';
import { Problem } from './problem.ts';

/** Longest text of a query parameter, in characters. */
const textMax = 4096;
/** Most items of a list in one answer. */
const limitMax = 1000;
const limitDefault = 100;

const whole = (context: SiteContext, key: string, fallback: number, max: number): number => {
  const text = context.req.query(key);
  if (text === undefined) return fallback;
  const number = /^\d{1,12}$/u.test(text) ? Number(text) : NaN;
  if (number <= max) return number;
  throw new Problem('bad_request', `${key}: expected a whole number up to ${max}.`);
};

/** How many items are asked for. */
export const limitOf = (context: SiteContext): number =>
  Math.max(1, whole(context, 'limit', limitDefault, limitMax));

/** From which item on. */
export const offsetOf = (context: SiteContext): number =>
  whole(context, 'offset', 0, Number.MAX_SAFE_INTEGER);

/** A number within limits. */
export const numberOf = whole;

/** A text; empty if it is not given. */
export const textOf = (context: SiteContext, key: string): string => {
  const text = context.req.query(key) ?? '';
  if (text.length <= textMax) return text;
  throw new Problem('bad_request', `${key}: is longer than ${textMax} characters.`);
};

/** One of several words, or the first one. */
export const wordOf = <Word extends string>(
  context: SiteContext,
  key: string,
  words: readonly [Word, ...Word[]],
): Word => {
  const text = context.req.query(key) ?? words[0];
  const word = words.find((each) => each === text);
  if (word !== undefined) return word;
  throw new Problem('bad_request', `${key}: expected one of ${words.join(', ')}.`);
};

/** Half a character has no bytes: something else would be stored, and nobody would be told. */
const assertWellFormed = (text: string, what: string): void => {
  if (/\p{Surrogate}/u.test(text))
    throw new TypeError(`${what} with half a character (surrogate).`);
};

/** Checks a name. */
export const checkedName = (name: string): string => {
  try {
    assertWellFormed(name, 'A name');
    assertName(name);
  } catch (error) {
    throw new Problem('bad_request', (error as Error).message);
  }
  return name;
};

/** Checks that a text is one line, and turns it into what goes over the wire. */
export const checkedLine = (text: string, what: string): string => {
  try {
    assertWellFormed(text, what);
    assertSingleLine(text, what);
  } catch (error) {
    throw new Problem('bad_request', (error as Error).message);
  }
  return wireFromText(text);
};

/** Reads a body, but no more of it than it may have. */
const readBody = async ({ env }: SiteContext, bytesMax: number): Promise<string> => {
  const { incoming } = env;
  const tooLarge = new Problem('too_large', `A body may have ${bytesMax} bytes here.`);
  if (Number(incoming.headers['content-length'] ?? 0) > bytesMax) throw tooLarge;
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The answer goes over the same socket: the rest is drained when that is done.
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    const buffer = chunk as Buffer;
    bytes += buffer.length;
    if (bytes > bytesMax) throw tooLarge;
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString();
};

/**
 * The body of a request, checked.
 *
 * @param bytesMax - Its longest length in bytes.
 * @throws Problem (as a rejection) if it is not what is expected; it never quotes it.
 */
export const bodyOf = async <Schema extends z.ZodType>(
  context: SiteContext,
  schema: Schema,
  bytesMax: number,
): Promise<z.output<Schema>> => {
  const type = context.req.header('content-type') ?? '';
  if (!/^application\/json\b/iu.test(type)) {
    throw new Problem('bad_request', 'The body has to be application/json.');
  }
  const text = await readBody(context, bytesMax);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // What the parser says may quote a password.
    throw new Problem('bad_request', 'The body is no JSON.');
  }
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join('.') ?? '';
  throw new Problem('bad_request', `${place}: ${issue?.message ?? 'is not what is expected'}.`);
};
