import type { Command } from './command.ts';
import { formatNumber } from './number.ts';

/** What ends every line we send (protocol 1). */
export const lineEnd = '\r\n';

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
    const times = `${formatNumber(command.cacheTime)} ${formatNumber(command.accessTime)}`;
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
