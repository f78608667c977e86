import { isDeepStrictEqual } from 'node:util';
import { countKeys, secondsKeys } from './document.ts';
import type { ServerConfig } from './schema.ts';

/** Settings that hold until a server is started anew. */
const fixedSettings = [
  'appName',
  'ips',
  'port',
  'sockets',
  'socketMode',
  'socketCommands',
  'persistenceFile',
  'master',
  'webSocket',
  'http',
] as const satisfies readonly (keyof ServerConfig)[];

/** Names of settings, as a configuration has them. */
export type SettingNaming = 'xml' | 'object';

const inverted = (keys: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(keys).map(([key, name]) => [name, key]));

/** What settings are called in XML, where they do not have the same name in small letters. */
const xmlNames: Readonly<Record<string, string>> = {
  ...inverted({ ...secondsKeys, ...countKeys }),
  ips: 'ip',
  sockets: 'socket',
  socketMode: 'socketchmod',
  users: 'user',
  tls: 'ssl',
  persistenceFile: 'persistancefile',
};

const nameOf = (setting: string, naming: SettingNaming): string =>
  naming === 'object' ? setting : (xmlNames[setting] ?? setting.toLowerCase());

/** What differs between two configurations. */
export interface ConfigChanges {
  /** Names of what a running server can take over. */
  readonly changed: readonly string[];
  /** Names of what it cannot. */
  readonly needsRestart: readonly string[];
  /** The new configuration, with what stays as it is. */
  readonly config: ServerConfig;
}

/**
 * Compares the configuration that a server runs with and a new one.
 *
 * @param naming - How the new one calls its settings.
 */
export const changesOf = (
  current: ServerConfig,
  next: ServerConfig,
  naming: SettingNaming,
): ConfigChanges => {
  // Whether there is TLS at all goes with the addresses.
  const isTlsFixed = (current.tls === undefined) !== (next.tls === undefined);
  const fixed: readonly (keyof ServerConfig)[] = isTlsFixed
    ? [...fixedSettings, 'tls']
    : fixedSettings;
  const different = (Object.keys(next) as (keyof ServerConfig)[]).filter(
    (setting) => setting !== 'notices' && !isDeepStrictEqual(current[setting], next[setting]),
  );
  const namesOf = (settings: readonly string[]): string[] =>
    settings.map((setting) => nameOf(setting, naming));
  return {
    changed: namesOf(different.filter((setting) => !fixed.includes(setting))),
    needsRestart: namesOf(different.filter((setting) => fixed.includes(setting))),
    config: {
      ...next,
      ...Object.fromEntries(fixed.map((setting) => [setting, current[setting]])),
    },
  };
};
