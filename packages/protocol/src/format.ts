import type { Command } from './command.ts';

/** What ends every line we send (protocol 1). */
export const lineEnd = '\r\n';

/**
 * Formats a time for KEYSYNC: to the microsecond, which is as exact as a double can tell of today.
 *
 * @param seconds - Epoch seconds; less than 0 counts as 0.
 */
export const formatTime = (seconds: number): string =>
  Math.min(Math.max(0, seconds), maxTime)
    .toFixed(6)
    .replace(/\.?0+$/u, '');

/** The year 2106: until then a double tells microseconds apart. */
const maxTime = 2 ** 32 - 1;

/**
 * Formats a command as its line, without the line end. The inverse of {@link parseCommand} for
 * every command that the language can carry; it does not check that names and values can.
 */
export const formatCommand = (command: Command): string => {
  if (command.verb === 'UNKNOWN') return command.line;
  if (command.verb === 'OVERHEAD') {
    return `OVERHEAD ${command.flags}${command.text === '' ? '' : ` ${command.text}`}`;
  }
  if (command.verb === 'KEYSYNC') {
    const times = `${formatTime(command.cacheTime)} ${formatTime(command.accessTime)}`;
    return `KEYSYNC ${times} ${command.mode} ${command.name}=${command.value}`;
  }
  if ('value' in command) return `${command.verb} ${command.name}=${command.value}`;
  if ('step' in command) {
    return `${command.verb} ${command.name}${command.step === undefined ? '' : `=${command.step}`}`;
  }
  if ('name' in command) return `${command.verb} ${command.name}`;
  if ('text' in command) return `${command.verb} ${command.text}`;
  return command.verb;
};
