import { CommanderError } from 'commander';
import { ClacksError } from '@clacks/protocol';

/** What the command's exit code says. docs/cli.md lists them. */
export const exitCode = {
  ok: 0,
  /** Something failed while it ran: unreachable, denied, not found. */
  failed: 1,
  /** It was used or configured wrongly: running it again will not help. */
  usage: 2,
  /** 128 + SIGINT, as shells count: it was interrupted before it was finished. */
  interrupted: 130,
  /** 128 + SIGTERM. */
  terminated: 143,
} as const;

/** One of the exit codes. */
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** The command was used wrongly. */
export class UsageError extends ClacksError {
  override readonly name = 'UsageError';
  readonly code = 'CLACKS_ERR_USAGE';
}

/** The command was used rightly and could not do what it was asked to. */
export class CommandError extends ClacksError {
  override readonly name = 'CommandError';
  readonly code = 'CLACKS_ERR_COMMAND';
}

const usageCodes: ReadonlySet<string> = new Set(['CLACKS_ERR_USAGE', 'CLACKS_ERR_CONFIG']);

/** The exit code that tells of an error. */
export const exitCodeOf = (error: unknown): ExitCode => {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  }
  return error instanceof ClacksError && usageCodes.has(error.code)
    ? exitCode.usage
    : exitCode.failed;
};
