import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ConfigError } from '../config/config-error.ts';

const run = promisify(execFile);

/** How long one command may take, in ms. */
const commandTimeoutMs = 30_000;

/**
 * Runs the configured `socketcommands`, one after the other, when the sockets are there.
 *
 * @throws ConfigError if one of them fails.
 */
export const runSocketCommands = async (commands: readonly string[]): Promise<void> => {
  for (const command of commands) {
    try {
      await run('/bin/sh', ['-c', command], { timeout: commandTimeoutMs });
    } catch (error) {
      throw new ConfigError(`the command failed: ${(error as Error).message.trim()}`, {
        key: 'socketcommands',
        cause: error,
      });
    }
  }
};
