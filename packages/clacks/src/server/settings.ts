import { isDeepStrictEqual } from 'node:util';
import type { Broker } from '../broker/broker.ts';
import { rightsOf } from '../broker/permissions.ts';
import type { Authenticate } from '../broker/ports.ts';
import { changesOf } from '../config/changes.ts';
import type { SettingNaming } from '../config/changes.ts';
import { ConfigError } from '../config/config-error.ts';
import { loadDocument } from '../config/load.ts';
import type { LoadedConfig } from '../config/load.ts';
import { resolveConfig } from '../config/resolve.ts';
import type { ServerConfigInput } from '../config/resolve.ts';
import type { ServerConfig } from '../config/schema.ts';
import type { TlsSettings } from '../net/tls-settings.ts';
import { createAuthenticator } from './authenticator.ts';
import { readHttpSettings } from './http-settings.ts';
import type { HttpSettings } from './http-settings.ts';
import type { LoginLog } from './login-log.ts';
import { readMaster } from './master.ts';
import type { Master } from './master.ts';
import { readTlsSettings } from './tls-files.ts';
import { tlsNotices } from './tls-notices.ts';

/** Settings of a configuration that the program which runs the server decides about. */
export interface ConfigOverrides extends Pick<ServerConfigInput, 'port' | 'logLevel'> {
  /** The port of the admin HTTP, where there is one. */
  readonly httpPort?: number | undefined;
  /** The port of the WebSocket, where there is one with a port of its own. */
  readonly webSocketPort?: number | undefined;
}

/** A configuration, and what is in the files that it names: all that a node is made of. */
export interface Settings {
  readonly config: ServerConfig;
  readonly tls: TlsSettings | undefined;
  readonly master: Master | undefined;
  /** The admin HTTP, if there is one. */
  readonly http: HttpSettings | undefined;
  /** Checks logins. */
  readonly authenticate: Authenticate;
  /** What to tell the operator, a line each. */
  readonly notices: readonly string[];
}

/** What settings depend on besides the configuration. */
export interface SettingsSurroundings {
  readonly overrides: ConfigOverrides;
  /** Decides about logins in place of the configuration's users. */
  readonly authenticate: Authenticate | undefined;
  readonly loginLog: LoginLog;
}

const load = async (
  source: ServerConfigInput | string,
  needsUsers: boolean,
): Promise<LoadedConfig> =>
  typeof source === 'string'
    ? loadDocument(source)
    : { config: resolveConfig(source, needsUsers), locate: (error) => error };

const override = (
  config: ServerConfig,
  { httpPort, webSocketPort, ...overrides }: ConfigOverrides,
): ServerConfig => {
  const given = Object.entries(overrides).filter(([, value]) => value !== undefined);
  const http = config.http && { ...config.http, port: httpPort ?? config.http.port };
  const webSocket = config.webSocket && {
    ...config.webSocket,
    port: webSocketPort ?? config.webSocket.port,
  };
  return { ...config, ...Object.fromEntries(given), http, webSocket };
};

const hasTls = (
  config: ServerConfig,
): config is ServerConfig & { tls: NonNullable<ServerConfig['tls']> } => config.tls !== undefined;

/**
 * Reads and checks everything that a configuration says, and changes nothing.
 *
 * @param source - The configuration, or the path of its XML file.
 * @throws ConfigError that names file, line and key, as far as there are any.
 */
export const readSettings = async (
  source: ServerConfigInput | string,
  { overrides, authenticate, loginLog }: SettingsSurroundings,
): Promise<Settings> => {
  const loaded = await load(source, authenticate === undefined);
  const config = override(loaded.config, overrides);
  try {
    const master = await readMaster(config);
    const tls = hasTls(config) ? await readTlsSettings(config) : undefined;
    return {
      config,
      tls,
      master,
      http: await readHttpSettings(config, tls),
      authenticate: createAuthenticator(config, authenticate, loginLog),
      notices: [
        ...config.notices,
        ...(config.tls && tls ? await tlsNotices(config.tls, tls.cert) : []),
        ...(master?.warning === undefined ? [] : [master.warning]),
      ],
    };
  } catch (error) {
    throw error instanceof ConfigError ? loaded.locate(error) : error;
  }
};

/** What a node can take over while it runs. */
export interface NodeChange {
  /** All settings; those that need a restart are as they were. */
  readonly config: ServerConfig;
  /** Other certificates, if they have changed. */
  readonly tls: TlsSettings | undefined;
  /** Other certificates for the admin HTTP, if they have changed. */
  readonly httpTls: TlsSettings | undefined;
  /** Other users, if they have changed: who may log in, and what each may do. */
  readonly users: Parameters<Broker['usersChanged']> | undefined;
  /** Names of the users who log in with another password or certificate than before. */
  readonly changedLogins: ReadonlySet<string>;
  /** The login at the master. */
  readonly masterToken: string | undefined;
}

/** What becomes of a server's settings when it is given others. */
export interface SettingsChange {
  /** Names of what has changed. */
  readonly changed: readonly string[];
  /** Names of what will only change when the server is started anew. */
  readonly needsRestart: readonly string[];
  /** What the node is to be told. */
  readonly node: NodeChange;
  /** What holds then. */
  readonly settings: Settings;
}

const caOf = (settings: Settings): string | undefined => {
  const { target } = settings.master ?? {};
  return target?.transport === 'tls' ? target.ca : undefined;
};

const isSameTls = (left: TlsSettings | undefined, right: TlsSettings | undefined): boolean =>
  isDeepStrictEqual({ ...left, handshakeTimeoutMs: 0 }, { ...right, handshakeTimeoutMs: 0 });

const usersOf = ({ config, authenticate }: Settings): NodeChange['users'] => {
  const rights = config.users.map(
    ({ username, permissions }) => [username, rightsOf(permissions)] as const,
  );
  return [authenticate, new Map(rights)];
};

const changedLoginsOf = (current: Settings, next: Settings): ReadonlySet<string> => {
  const loginsOf = ({ config }: Settings) =>
    new Map(
      config.users.map(({ username, password, certificateSubject }) => [
        username,
        JSON.stringify([password ?? null, certificateSubject ?? null]),
      ]),
    );
  const logins = loginsOf(next);
  const changed = [...loginsOf(current)].filter(([name, login]) => logins.get(name) !== login);
  return new Set(changed.map(([name]) => name));
};

/**
 * Compares the settings that a server runs with and new ones.
 *
 * @param hasUsers - Whether logins are those of the configuration's users.
 */
export const changeOf = (
  current: Settings,
  next: Settings,
  hasUsers: boolean,
  naming: SettingNaming,
): SettingsChange => {
  const { config, ...names } = changesOf(current.config, next.config, naming);
  const changed = new Set(names.changed);
  const needsRestart = new Set(names.needsRestart);
  // Files may be others under the same names.
  const tls = config.tls === undefined ? undefined : next.tls;
  const keepsTls = tls === undefined || current.tls === undefined;
  if (!keepsTls && !isSameTls(current.tls, tls)) changed.add(naming === 'xml' ? 'ssl' : 'tls');
  // Where it listens stays, so what was read for another address is of no use.
  const isHttpKept = needsRestart.has('http');
  const http = isHttpKept ? current.http : next.http;
  if (!isSameTls(current.http?.tls, http?.tls)) changed.add('http');
  if (caOf(current) !== caOf(next)) needsRestart.add('master');
  const isSame = (setting: 'users' | 'authTimeoutMs'): boolean =>
    isDeepStrictEqual(current.config[setting], config[setting]);
  // How long a login may be slowed down depends on the time for it.
  const haveUsersChanged = !isSame('users') || !isSame('authTimeoutMs');
  return {
    changed: [...changed],
    needsRestart: [...needsRestart],
    node: {
      config,
      tls: keepsTls || isDeepStrictEqual(current.tls, tls) ? undefined : tls,
      httpTls: isDeepStrictEqual(current.http?.tls, http?.tls) ? undefined : http?.tls,
      // Those who have not changed keep what is known of logins that were checked.
      users: hasUsers && haveUsersChanged ? usersOf(next) : undefined,
      changedLogins: hasUsers ? changedLoginsOf(current, next) : new Set(),
      masterToken: next.master?.options.token,
    },
    settings: {
      config,
      tls: keepsTls ? current.tls : tls,
      master: current.master,
      http,
      authenticate: haveUsersChanged ? next.authenticate : current.authenticate,
      notices: next.notices,
    },
  };
};
