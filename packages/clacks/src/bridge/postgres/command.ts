import { assertName } from '@clacks/protocol';
import type { Client } from '@clacks/client';

/** What stands between the parts of a payload, spelt as Net::Clacks does. */
export const delimiter = '§§§CLACKSDELIMETER§§§';

const verbs = [
  'NOTIFY',
  'SET',
  'STORE',
  'SETANDSTORE',
  'INCREMENT',
  'DECREMENT',
  'REMOVE',
] as const;

/** What a database can ask for. */
export type BridgeVerb = (typeof verbs)[number];

/** A command of a database, complete. */
export interface BridgeCommand {
  readonly verb: BridgeVerb;
  readonly name: string;
  readonly value: string | undefined;
}

/** The fourth part makes equal messages of one transaction differ: PostgreSQL would merge them. */
const serial = /^#\d+$/u;

const isVerb = (text: string): text is BridgeVerb => (verbs as readonly string[]).includes(text);

/**
 * Checks the parts of a command.
 *
 * @throws TypeError that says what is wrong with them.
 */
export const makeCommand = (
  word: string,
  name: string | undefined,
  value: string | undefined,
): BridgeCommand => {
  const verb = word.toUpperCase();
  if (!isVerb(verb)) {
    throw new TypeError(
      `the command is ${JSON.stringify(word.slice(0, 40))}, not one of ${verbs.join(', ')}`,
    );
  }
  if (name === undefined) throw new TypeError('the name is missing');
  assertName(name);
  const needsValue = verb === 'SET' || verb === 'STORE' || verb === 'SETANDSTORE';
  if (needsValue && value === undefined) throw new TypeError(`the value of ${verb} is missing`);
  return { verb, name, value };
};

/**
 * Reads the payload of a notification: `COMMAND§§§CLACKSDELIMETER§§§name`, a value likewise, and what
 * makes it differ from others likewise.
 *
 * @throws TypeError that says what is wrong with it.
 */
export const parsePayload = (payload: string): BridgeCommand => {
  const parts = payload.split(delimiter);
  const [word = '', name, value, fourth] = parts;
  const isDelimited = parts.length > 4 || (fourth !== undefined && !serial.test(fourth));
  if (isDelimited) throw new TypeError('the value holds the delimiter');
  return makeCommand(word, name, value);
};

/**
 * Sends a command.
 *
 * @returns What the client's method returns.
 * @throws TypeError if the server would not take it: a step that is no number, a line that is too long.
 */
export const sendCommand = (
  client: Client,
  { verb, name, value = '' }: BridgeCommand,
): Promise<void> => {
  // An empty step is none: there are functions that always append one.
  const step = value.trim() === '' ? undefined : value;
  switch (verb) {
    case 'NOTIFY':
      return client.notify(name);
    case 'SET':
      return client.set(name, value);
    case 'STORE':
      return client.store(name, value);
    case 'SETANDSTORE':
      return client.setAndStore(name, value);
    case 'INCREMENT':
      return client.increment(name, step);
    case 'DECREMENT':
      return client.decrement(name, step);
    case 'REMOVE':
      return client.remove(name);
  }
};
