import { homedir } from 'node:os';
import path from 'node:path';

/** A base directory of the XDG specification, which has relative ones ignored. */
const xdgDirectory = (variable: string, fallback: string): string => {
  const given = process.env[variable] ?? '';
  return path.join(path.isAbsolute(given) ? given : path.join(homedir(), fallback), 'clacks');
};

/** Where the user's own settings are: `~/.config/clacks`. */
const configDirectory = (): string => xdgDirectory('XDG_CONFIG_HOME', '.config');

/** Where the server without a configuration file keeps its certificate and password. */
export const defaultServerDirectory = (): string => path.join(configDirectory(), 'server');

/** The connection that the user chose for all commands. */
export const chosenConnectionFile = (): string => path.join(configDirectory(), 'connection.json');

/** The connection to the server without a configuration file. */
export const defaultConnectionFile = (): string =>
  path.join(defaultServerDirectory(), 'connection.json');

/** What the shell remembers: `~/.local/state/clacks/history`. */
export const historyFile = (): string =>
  path.join(xdgDirectory('XDG_STATE_HOME', '.local/state'), 'history');
