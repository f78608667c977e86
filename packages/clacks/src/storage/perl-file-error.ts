import { ClacksError } from '@clacks/protocol';

/** Where a persistence file of Net::Clacks is wrong. */
export interface PerlFileErrorOptions extends ErrorOptions {
  /** The file. */
  readonly file?: string | undefined;
  /** The line in the file, counted from 1. */
  readonly line?: number | undefined;
}

/**
 * A persistence file of Net::Clacks that cannot be read: a crash has torn it, or Net::Clacks did not
 * write it. The message is one line: file, line, and what was expected there. It holds nothing of
 * what the file holds.
 */
export class PerlFileError extends ClacksError {
  override readonly name = 'PerlFileError';
  readonly code = 'CLACKS_ERR_PERL_FILE';
  /** The file, if the caller has told its name. */
  readonly file: string | undefined;
  /** The line in the file, counted from 1, where it is known. */
  readonly line: number | undefined;

  constructor(message: string, { file, line, ...options }: PerlFileErrorOptions = {}) {
    const place = [file, line === undefined ? undefined : `line ${line}`];
    super([...place, message].filter((part) => part !== undefined).join(': '), options);
    this.file = file;
    this.line = line;
  }
}
