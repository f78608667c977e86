import { pino } from 'pino';
import type { Logger } from 'pino';
import type { LogLevel } from '../config/log-level.ts';

/** What a reader that does not read keeps waiting at most, in bytes: the rest is dropped. */
const maxWaitingBytes = 16 * 1024 * 1024;

/**
 * Makes the server's log, on standard error: readable on a terminal, else a line of JSON for each
 * event. Without a terminal it never waits for its reader.
 */
export const createServerLog = async (level: LogLevel, name: string): Promise<Logger> => {
  if (!process.stderr.isTTY) {
    return pino(
      { level, name },
      pino.destination({ dest: 2, sync: false, maxLength: maxWaitingBytes }),
    );
  }
  // A program under a supervisor does without it.
  const { build } = await import('pino-pretty');
  const colorize = (process.env['NO_COLOR'] ?? '') === '';
  const ignore = 'pid,hostname,name';
  const terminal = pino.destination({ dest: 2, sync: true });
  terminal.on('error', () => {
    // The terminal is closed. What cannot be shown must neither end the server nor be kept.
    terminal.write = () => true;
  });
  return pino(
    { level, name },
    build({ colorize, ignore, singleLine: true, destination: terminal }),
  );
};
