import { hostname } from 'node:os';

/** What a configuration depends on besides its file. */
export interface ConfigEnvironment {
  /** Environment variables: `PC_CONFIG_PATHS`, and every other that starts with `PC_`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The name of this host: chooses the section of `hosts`. */
  readonly hostname: string;
  /** The working directory. */
  readonly cwd: string;
}

/** The environment of this process. */
export const processEnvironment = (): ConfigEnvironment => ({
  environment: process.env,
  hostname: hostname(),
  cwd: process.cwd(),
});

const variablePrefix = 'PC_';

const escapeForRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');

/**
 * Makes the function that replaces every occurrence of the name of an environment variable that
 * starts with `PC_` by its value. Where two names fit, the longer one counts; values are not
 * looked through again.
 */
export const variableReplacer = (
  environment: ConfigEnvironment['environment'],
): ((text: string) => string) => {
  const names = Object.keys(environment)
    .filter((name) => name.startsWith(variablePrefix) && environment[name] !== undefined)
    .sort((left, right) => right.length - left.length);
  if (names.length === 0) return (text) => text;
  const anyName = new RegExp(names.map(escapeForRegExp).join('|'), 'gu');
  return (text) => text.replace(anyName, (name) => environment[name] ?? name);
};
