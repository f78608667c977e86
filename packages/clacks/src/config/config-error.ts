import { ClacksError } from '@clacks/protocol';

/** Where a configuration is wrong. */
export interface ConfigErrorOptions extends ErrorOptions {
  /** The configuration file. */
  readonly file?: string | undefined;
  /** The path of the wrong key, such as `ssl/cert`. */
  readonly key?: string | undefined;
  /** The line in the file, counted from 1. */
  readonly line?: number | undefined;
  /** What else is wrong, where that is known at the same time. */
  readonly others?: readonly ConfigError[];
}

/**
 * A configuration that cannot be used. The message is one line: file, line, key, and what is wrong
 * with it. It never holds a password.
 */
export class ConfigError extends ClacksError {
  override readonly name = 'ConfigError';
  readonly code = 'CLACKS_ERR_CONFIG';
  /** What is wrong, without the place. */
  readonly problem: string;
  /** The configuration file, if there is one. */
  readonly file: string | undefined;
  /** The path of the wrong key, such as `ssl/cert`, if one key is wrong. */
  readonly key: string | undefined;
  /** The line in the file, counted from 1, where it is known. */
  readonly line: number | undefined;
  /** What else is wrong, in the order of the file, where that is known at the same time. */
  readonly others: readonly ConfigError[];

  constructor(
    message: string,
    { file, key, line, others = [], ...options }: ConfigErrorOptions = {},
  ) {
    const place = line === undefined ? file : `${file ?? 'line'}:${line}`;
    super([place, key, message].filter((part) => part !== undefined).join(': '), options);
    this.problem = message;
    this.file = file;
    this.key = key;
    this.line = line;
    this.others = others;
  }
}
