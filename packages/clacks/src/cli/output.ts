import { styleText } from 'node:util';
import { exitCode } from './exit-code.ts';

type Style = Parameters<typeof styleText>[0];

const usesColour = (stream: NodeJS.WriteStream): boolean =>
  // https://no-color.org: any value but the empty one.
  stream.isTTY && (process.env['NO_COLOR'] ?? '') === '';

const paint = (stream: NodeJS.WriteStream, style: Style, text: string): string =>
  usesColour(stream) ? styleText(style, text) : text;

/** Colours a text for standard output, if that is a terminal. */
export const styled = (style: Style, text: string): string => paint(process.stdout, style, text);

/** Writes text or bytes to standard output as they are. */
export const write = (text: string | Uint8Array): void => {
  process.stdout.write(text);
};

/** Writes a line to standard output. */
export const printLine = (line: string): void => {
  write(`${line}\n`);
};

/** Writes a value as JSON, on a line of its own. */
export const printJson = (value: unknown): void => {
  printLine(JSON.stringify(value));
};

/** Writes a line for people to standard error: programs read the other one. */
export const printNote = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/**
 * Writes an error for people, with its first word in red on a terminal. It may hold what a server
 * said.
 */
export const printError = (message: string): void => {
  printNote(`${paint(process.stderr, 'red', 'error:')} ${shownOn(process.stderr, message)}`);
};

const escapeControl = (character: string): string =>
  `\\x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`;

/** What a terminal obeys, or what turns the direction of text round. */
const unsafe =
  // eslint-disable-next-line no-control-regex -- Control characters are what this is about.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * What others sent, fit to be shown: on a terminal, control characters are made visible, so that a
 * value cannot move the cursor or change the title. Elsewhere the text stays as it is.
 */
export const shown = (text: string): string => shownOn(process.stdout, text);

const shownOn = (stream: NodeJS.WriteStream, text: string): string =>
  stream.isTTY ? text.replace(unsafe, escapeControl) : text;

/**
 * Lets the command end when its output cannot be written: quietly when the reader has gone
 * (`clacks listen x | head -1`), with an error otherwise.
 */
export const endWithOutput = (): void => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCode.ok);
    printError(`The output cannot be written: ${error.message}.`);
    process.exit(exitCode.failed);
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    // There is nowhere left to say why.
    process.exit(error.code === 'EPIPE' ? exitCode.ok : exitCode.failed);
  });
};
