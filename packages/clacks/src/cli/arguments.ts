import { InvalidArgumentError } from 'commander';
import { assertName } from '@clacks/protocol';
import { parsePort } from './connection-url.ts';

/** The longest time that a timer can wait, in seconds: about 24 days. */
const secondsMax = 2_147_483;

const reject = (expected: string): never => {
  throw new InvalidArgumentError(`Expected ${expected}.`);
};

/** A name that can be sent (protocol 2). */
export const parseName = (text: string): string => {
  try {
    assertName(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return text;
};

/** Several names, one after the other. */
export const parseNames = (text: string, before: readonly string[] | undefined): string[] => [
  ...(before ?? []),
  parseName(text),
];

/** A text without a line break. */
const parseLine = (text: string): string =>
  /[\r\n]/u.test(text) ? reject('a text without a line break') : text;

/** Several such texts. */
export const parseLines = (text: string, before: readonly string[] | undefined): string[] => [
  ...(before ?? []),
  parseLine(text),
];

/** A number of something, at least one. */
export const parseCount = (text: string): number =>
  /^[1-9]\d{0,14}$/u.test(text) ? Number(text) : reject('a whole number from 1');

/** How much to add or subtract (protocol 7): it goes to the server as it was written. */
export const parseStep = (text: string): string =>
  /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/iu.test(text)
    ? text
    : reject('a number such as 2, -0.5 or 1e3');

/** A time in seconds, as milliseconds. */
export const parseSecondsAsMs = (text: string): number => {
  const seconds = Number(text);
  return /^(?:\d+(?:\.\d*)?|\.\d+)$/u.test(text) && seconds > 0 && seconds <= secondsMax
    ? Math.max(1, Math.round(seconds * 1000))
    : reject(`seconds, more than 0 and up to ${secondsMax}`);
};

/** How many days a certificate is valid. */
export const parseDays = (text: string): number =>
  /^[1-9]\d{0,4}$/u.test(text) && Number(text) <= 36_525
    ? Number(text)
    : reject('a whole number of days from 1 to 36525');

/** A port to connect to. */
export const parseRemotePort = (text: string): number =>
  parsePort(text) ?? reject('a port from 1 to 65535');

/** A port to listen on; 0 is any free one. */
export const parseListenPort = (text: string): number =>
  text === '0' ? 0 : (parsePort(text) ?? reject('a port from 0 to 65535'));
