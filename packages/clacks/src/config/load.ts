import path from 'node:path';
import { isPasswordHash } from '../auth/scrypt.ts';
import { ConfigError } from './config-error.ts';
import { ConfigDocument } from './config-document.ts';
import type { KeyPath } from './config-document.ts';
import { findProblem, noticesOf } from './consistency.ts';
import type { ProblemPlace } from './consistency.ts';
import { defaultConfig, defaultHttp, defaultWebSocket } from './defaults.ts';
import { countKeys, ignoredKeys, knownKeys, secondsKeys } from './document.ts';
import type { HostSection } from './document.ts';
import { processEnvironment, variableReplacer } from './environment.ts';
import type { ConfigEnvironment } from './environment.ts';
import { isReadable, locateFile, readConfigFile } from './files.ts';
import { modeOpenToOthers } from './private-file.ts';
import type {
  HttpConfig,
  MasterConfig,
  ServerConfig,
  TlsFiles,
  UserConfig,
  WebSocketConfig,
} from './schema.ts';
import { parseXml } from './xml.ts';

/** Where the text of a configuration comes from. */
export interface ConfigSource extends ConfigEnvironment {
  /** The path of its file: for messages, and as the place that file names in it start from. */
  readonly file: string;
}

/** A configuration that was read, and can still say where everything stood. */
export interface LoadedConfig {
  readonly config: ServerConfig;
  /** Makes the same error with file and line, of one that names a key. */
  readonly locate: (error: ConfigError) => ConfigError;
}

/** One that was found in a file. */
export interface LoadedFile extends LoadedConfig {
  /** The path where it was found. */
  readonly file: string;
  /** The one of its notices that says that others can read passwords in it. */
  readonly openPasswords: string | undefined;
}

/** Finds the files that a configuration names. */
class FileFinder {
  readonly #document: ConfigDocument;
  readonly #directory: string;
  readonly #cwd: string;

  constructor(document: ConfigDocument, { file, cwd }: ConfigSource) {
    this.#document = document;
    this.#directory = path.dirname(path.resolve(cwd, file));
    this.#cwd = cwd;
  }

  /** A file that must be there already. */
  async existing(name: string | undefined, key: KeyPath, mend: string): Promise<string> {
    if (name === undefined) throw this.#document.errorInSection(key, `is missing; ${mend}`);
    const file = await this.found(name);
    if (await isReadable(file)) return file;
    throw this.#document.errorInSection(key, `there is no readable file ${file}; ${mend}`);
  }

  /** A file that need not be there yet. */
  found(name: string): Promise<string> {
    return locateFile(name, this.#directory, this.#cwd);
  }

  /** A path beside the configuration, whatever is there. */
  beside(name: string): string {
    return path.resolve(this.#directory, name);
  }
}

const readTls = async ({ ssl }: HostSection, files: FileFinder): Promise<TlsFiles | undefined> => {
  if (ssl === undefined || Object.values(ssl).every((value) => value === undefined)) {
    return undefined;
  }
  const mend = 'make certificate and key with: clacks cert';
  return {
    certFile: await files.existing(ssl.cert, ['ssl', 'cert'], mend),
    keyFile: await files.existing(ssl.key, ['ssl', 'key'], mend),
    caFile:
      ssl.ca === undefined
        ? undefined
        : await files.existing(ssl.ca, ['ssl', 'ca'], 'remove the key if clients need none'),
    requireClientCert: ssl.requireclientcert ?? ssl.ca !== undefined,
  };
};

const readMaster = async (
  { master }: HostSection,
  files: FileFinder,
): Promise<MasterConfig | undefined> => {
  if (master === undefined || Object.values(master).every((value) => value === undefined)) {
    return undefined;
  }
  const { ip, port, socket, ca, cert, key, fingerprint, insecure, sync } = master;
  const mendOwn = 'it is to hold what this node shows to its master';
  return {
    ip,
    port: port ?? defaultConfig.port,
    socket: socket === undefined ? undefined : files.beside(socket),
    caFile:
      ca === undefined
        ? undefined
        : await files.existing(ca, ['master', 'ca'], 'it is to hold who signs for the master'),
    certFile: cert && (await files.existing(cert, ['master', 'cert'], mendOwn)),
    keyFile: key && (await files.existing(key, ['master', 'key'], mendOwn)),
    fingerprint,
    insecure: insecure ?? false,
    sync: sync ?? 'merge',
  };
};

/** Without any key in it, it counts as not there. */
const readWebSocket = ({ websocket }: HostSection): WebSocketConfig | undefined => {
  if (websocket === undefined) return undefined;
  const { http, ip, port, tls, origin } = websocket;
  const given = { http, ips: ip ?? (http === true ? [] : undefined), port, tls, origins: origin };
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return entries.length === 0
    ? undefined
    : { ...defaultWebSocket, ...(Object.fromEntries(entries) as Partial<WebSocketConfig>) };
};

const readHttp = async (
  { http }: HostSection,
  files: FileFinder,
): Promise<HttpConfig | undefined> => {
  if (http === undefined || Object.values(http).every((value) => value === undefined)) {
    return undefined;
  }
  const { ip, port, tls, trustproxy, cert, key } = http;
  const mend = 'remove it to use those of <ssl>, or make certificate and key with: clacks cert';
  return {
    ip: ip ?? defaultHttp.ip,
    port: port ?? defaultHttp.port,
    tls,
    trustProxy: trustproxy ?? defaultHttp.trustProxy,
    certFile: cert && (await files.existing(cert, ['http', 'cert'], mend)),
    keyFile: key && (await files.existing(key, ['http', 'key'], mend)),
  };
};

interface Account {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly certsubject?: string | undefined;
}

const readAccount = (
  { username, password, certsubject }: Account,
  place: KeyPath,
  document: ConfigDocument,
): Omit<UserConfig, 'permissions'> => {
  if (username === undefined) throw document.errorInSection([...place, 'username'], 'is missing');
  if (password === undefined && certsubject === undefined) {
    throw document.errorInSection([...place, 'password'], 'is missing');
  }
  return { username, password, certificateSubject: certsubject };
};

/**
 * What a user may read, or write. Names alone say that it may do so with them; together with a 0
 * they would say nothing.
 */
const readAllowance = (
  key: 'read' | 'write',
  user: NonNullable<HostSection['user']>[number],
  index: number,
  document: ConfigDocument,
): boolean | readonly string[] => {
  const names = user[`${key}names`];
  if (names === undefined) return user[key] ?? false;
  if (user[key] !== false) return names;
  const place = ['user', index, `${key}names`];
  throw document.errorInSection(place, `has no effect beside <${key}>0</${key}>: remove one`);
};

/** The main user, who may do everything, and those of the `user` entries (protocol 4). */
const readUsers = (document: ConfigDocument): UserConfig[] => {
  const { section } = document;
  const main: UserConfig = {
    ...readAccount(section, [], document),
    permissions: { read: true, write: true, manage: true, interclacks: true },
  };
  const others = (section.user ?? []).map((user, index): UserConfig => {
    const { manage = false, maxmessagespersecond: maxMessagesPerSecond } = user;
    const permissions = {
      read: readAllowance('read', user, index, document),
      write: readAllowance('write', user, index, document),
      manage,
      interclacks: false,
      ...(maxMessagesPerSecond !== undefined && { maxMessagesPerSecond }),
    };
    return { ...readAccount(user, ['user', index], document), permissions };
  });
  return [main, ...others];
};

/** The numbers that are set, under the names of their settings. */
const readNumbers = (section: HostSection): Partial<ServerConfig> =>
  Object.fromEntries(
    Object.entries({ ...secondsKeys, ...countKeys })
      .map(([key, name]) => [name, section[key as keyof typeof section]] as const)
      .filter(([, value]) => value !== undefined),
  );

/** What the settings are called in the file. */
const names = {
  ips: '<ip>',
  sockets: '<socket>',
  webSocket: '<websocket>',
  http: '<http>',
  caFile: 'ca',
  certFile: 'cert',
  keyFile: 'key',
  clientCa: '<ca> in <ssl>',
  requireClientCert: 'requireclientcert',
  certificateSubject: 'certsubject',
  maxLineLength: '<maxlinelength>',
  maxOutbuffer: '<maxoutbuffer>',
};

const pathOfPlace = (place: ProblemPlace): KeyPath => {
  switch (place.setting) {
    case 'none':
      return [];
    case 'tls':
      return ['ssl'];
    case 'master':
      return ['master'];
    case 'webSocket':
      return ['websocket'];
    case 'http':
      return ['http'];
    case 'ips':
      return ['ip', place.index];
    case 'sockets':
      return ['socket', place.index];
    case 'users':
      return place.index === 0 ? ['username'] : ['user', place.index - 1, 'username'];
  }
};

const build = async (document: ConfigDocument, files: FileFinder): Promise<ServerConfig> => {
  const { section } = document;
  const { socketchmod, persistancefile } = section;
  return {
    ...defaultConfig,
    ...readNumbers(section),
    appName: section.appname ?? defaultConfig.appName,
    logLevel: section.loglevel,
    ips: section.ip ?? [],
    // A socket that was left behind in the working directory must not attract a new one.
    sockets: (section.socket ?? []).map((name) => files.beside(name)),
    socketMode: socketchmod,
    socketCommands: section.socketcommands ?? [],
    users: readUsers(document),
    tls: await readTls(section, files),
    webSocket: readWebSocket(section),
    master: await readMaster(section, files),
    http: await readHttp(section, files),
    persistenceFile: persistancefile && (await files.found(persistancefile)),
    notices: ignoredKeys
      .filter((key) => section[key] !== undefined)
      .map((key) => `<${key}> has no effect in this server`),
  };
};

/**
 * Reads the XML of a configuration, for this host, and fills in the defaults. Files named in it are
 * looked for, but not read.
 *
 * @throws ConfigError (`CLACKS_ERR_CONFIG`) that names file, line and key.
 */
export const parseConfig = async (text: string, source: ConfigSource): Promise<ServerConfig> =>
  (await parseDocument(text, source)).config;

const parseDocument = async (text: string, source: ConfigSource): Promise<LoadedConfig> => {
  const { file, environment, hostname } = source;
  const root = parseXml(text, {
    file,
    replace: variableReplacer(environment),
    knownNames: new Set(['clacks', ...Object.values(knownKeys).flat()]),
  });
  const document = new ConfigDocument(root, file, hostname);
  const config = await build(document, new FileFinder(document, source));
  const problem = findProblem(config, names);
  if (problem !== undefined) {
    throw document.errorInSection(pathOfPlace(problem.place), problem.message);
  }
  return {
    config: { ...config, notices: [...config.notices, ...noticesOf(config, names)] },
    locate: (error) => {
      const { problem: what, key, cause } = error;
      if (key === undefined) return error;
      const place = document.errorInSection(key.split('/'), what);
      return new ConfigError(what, { file: place.file, key, line: place.line, cause });
    },
  };
};

/** What to tell of a file with passwords that others can read. */
const noticeOfClearPasswords = async (
  { users }: ServerConfig,
  file: string,
  environment: ConfigEnvironment['environment'],
): Promise<string | undefined> => {
  // What stands in a variable does not stand in the file.
  const variables = new Set(
    Object.keys(environment).map((name) => (name.startsWith('PC_') ? environment[name] : '')),
  );
  const isInFile = users.some(
    ({ password }) =>
      password !== undefined && !isPasswordHash(password) && !variables.has(password),
  );
  const mode = isInFile ? await modeOpenToOthers(file) : undefined;
  if (mode === undefined) return undefined;
  return (
    `others can read ${file} (mode ${mode}), which holds passwords in clear: chmod 600 ${file}, ` +
    'or put hashes in their place with: clacks hash-password'
  );
};

/**
 * Finds, reads and checks a configuration: looked for in the directories of `PC_CONFIG_PATHS`, then
 * as given, then in `configs/`.
 *
 * @param surroundings - What it depends on besides the file; this process's by default.
 * @throws ConfigError (`CLACKS_ERR_CONFIG`) that names file, line and key.
 */
export const loadConfig = async (
  file: string,
  surroundings: ConfigEnvironment = processEnvironment(),
): Promise<ServerConfig> => (await loadDocument(file, surroundings)).config;

/** Same as {@link loadConfig}, for who looks into the files that the configuration names. */
export const loadDocument = async (
  file: string,
  surroundings: ConfigEnvironment = processEnvironment(),
): Promise<LoadedFile> => {
  const found = await readConfigFile(file, surroundings);
  const { environment, hostname, cwd } = surroundings;
  const source = { file: found.file, environment, hostname, cwd };
  const { config, locate } = await parseDocument(found.text, source);
  const notice = await noticeOfClearPasswords(config, found.file, environment);
  const { notices } = config;
  return {
    file: found.file,
    config: notice === undefined ? config : { ...config, notices: [...notices, notice] },
    openPasswords: notice,
    locate,
  };
};
