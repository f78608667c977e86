import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { wordsOfCommand } from '../config/command-line.ts';
import { ConfigError } from '../config/config-error.ts';

const execute = promisify(execFile);

/** How long one command may take, in ms. */
const commandTimeoutMs = 30_000;

const run = async (command: string, logger: Logger): Promise<void> => {
  const words = wordsOfCommand(command);
  if (words === undefined) logger.info({ command }, 'a socket command is given to /bin/sh');
  const [program = '', ...args] = words ?? ['/bin/sh', '-c', command];
  await execute(program, args, { timeout: commandTimeoutMs });
};

/**
 * Runs the configured `socketcommands`, one after the other, when the sockets are there. Only those
 * with something for a shell in them get one.
 *
 * @throws ConfigError if one of them fails.
 */
export const runSocketCommands = async (
  commands: readonly string[],
  logger: Logger,
): Promise<void> => {
  for (const command of commands) {
    try {
      await run(command, logger);
    } catch (error) {
      throw new ConfigError(`the command failed: ${(error as Error).message.trim()}`, {
        key: 'socketcommands',
        cause: error,
      });
    }
  }
};
