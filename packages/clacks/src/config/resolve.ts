import { problemOfNamePatterns } from '@clacks/protocol';
import { z } from 'zod';

import { countBounds, masterPortBounds, modeBounds, timeBoundsMs } from './bounds.ts';
import type { Bounds } from './bounds.ts';
import {
  expectedFingerprint,
  expectedHost,
  expectedOrigin,
  expectedPassword,
  expectedSubject,
  isHost,
  isUsablePassword,
  normalFingerprint,
  normalOrigin,
  normalSubject,
} from './checks.ts';
import { ConfigError } from './config-error.ts';
import { findProblem, noticesOf } from './consistency.ts';
import type { ProblemPlace } from './consistency.ts';
import { defaultConfig, defaultHttp, defaultWebSocket } from './defaults.ts';
import { logLevels } from './log-level.ts';
import { suggestKey } from './nearest.ts';
import type {
  HttpConfig,
  MasterConfig,
  ServerConfig,
  TlsFiles,
  UserConfig,
  WebSocketConfig,
} from './schema.ts';

type Permissions = UserConfig['permissions'];

/** The same, where everything may be left out. */
export type Optional<T> = { readonly [Key in keyof T]?: T[Key] | undefined };

/** A user, to begin with: see {@link UserConfig}. */
export interface UserInput extends Omit<UserConfig, 'permissions'> {
  /** What is not given is not allowed; without any, the first user may do everything. */
  readonly permissions?: Optional<Permissions> | undefined;
}

/** A configuration as a program gives it: {@link ServerConfig} where the defaults may be left out. */
export interface ServerConfigInput extends Optional<
  Omit<ServerConfig, 'tls' | 'users' | 'master' | 'webSocket' | 'http'>
> {
  readonly tls?:
    | (Pick<TlsFiles, 'certFile' | 'keyFile'> &
        Optional<Pick<TlsFiles, 'caFile' | 'requireClientCert'>>)
    | undefined;
  /** Who may log in; not needed with an authenticator. */
  readonly users?: readonly UserInput[] | undefined;
  readonly master?: Optional<MasterConfig> | undefined;
  readonly webSocket?: Optional<WebSocketConfig> | undefined;
  /** The admin HTTP: `{}` for one on 127.0.0.1, port 49880. */
  readonly http?: Optional<HttpConfig> | undefined;
}

const text = z.string().min(1);
const host = z.string().refine(isHost, { error: `expected ${expectedHost}` });
const whole = ({ min, max }: Bounds) => z.int().min(min).max(max);

const numbersOf = <Name extends string>(
  bounds: Readonly<Record<Name, Bounds>>,
  schemaOf: (bounds: Bounds) => z.ZodNumber,
): Record<Name, z.ZodOptional<z.ZodNumber>> =>
  Object.fromEntries(
    Object.entries<Bounds>(bounds).map(([name, limits]) => [name, schemaOf(limits).optional()]),
  ) as Record<Name, z.ZodOptional<z.ZodNumber>>;

const namePatterns = z.array(z.string()).superRefine((patterns, context) => {
  const problem = problemOfNamePatterns(patterns);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

const allowance = z
  .union([z.boolean(), namePatterns], {
    // A list that is wrong says itself what is.
    error: ({ input }) => (Array.isArray(input) ? undefined : 'expected true, false, or names'),
  })
  .default(false);

const permissionsSchema = z
  .strictObject({
    read: allowance,
    write: allowance,
    manage: z.boolean().default(false),
    interclacks: z.boolean().default(false),
    maxMessagesPerSecond: whole(countBounds.maxMessagesPerSecond).optional(),
  })
  .refine(
    ({ read, write, interclacks }) =>
      !interclacks || (typeof read === 'boolean' && typeof write === 'boolean'),
    { error: 'a link takes all names: interclacks does not go with names' },
  );

const userSchema = z.strictObject({
  username: text,
  password: text.refine(isUsablePassword, { error: `expected ${expectedPassword}` }).optional(),
  certificateSubject: z
    .string()
    .refine((value) => normalSubject(value) !== undefined, { error: `expected ${expectedSubject}` })
    .transform(normalSubject)
    .optional(),
  permissions: permissionsSchema.optional(),
});

const tlsSchema = z.strictObject({
  certFile: text,
  keyFile: text,
  caFile: text.optional(),
  requireClientCert: z.boolean().optional(),
});

const masterSchema = z.strictObject({
  ip: host.optional(),
  port: whole(masterPortBounds).default(defaultConfig.port),
  socket: text.optional(),
  caFile: text.optional(),
  certFile: text.optional(),
  keyFile: text.optional(),
  fingerprint: z
    .string()
    .refine((value) => normalFingerprint(value) !== undefined, {
      error: `expected ${expectedFingerprint}`,
    })
    .transform(normalFingerprint)
    .optional(),
  insecure: z.boolean().default(false),
  sync: z.enum(['merge', 'replace']).default('merge'),
});

const origin = z
  .string()
  .refine((value) => normalOrigin(value) !== undefined, { error: `expected ${expectedOrigin}` })
  .transform((value) => normalOrigin(value) ?? value);

const webSocketSchema = z.strictObject({
  http: z.boolean().default(defaultWebSocket.http),
  ips: z.array(host).optional(),
  port: whole(countBounds.port).default(defaultWebSocket.port),
  tls: z.boolean().default(defaultWebSocket.tls),
  origins: z.array(origin).default([]),
});

const httpSchema = z.strictObject({
  ip: host.default(defaultHttp.ip),
  port: whole(countBounds.port).default(defaultHttp.port),
  tls: z.boolean().optional(),
  trustProxy: z.boolean().default(defaultHttp.trustProxy),
  certFile: text.optional(),
  keyFile: text.optional(),
});

const schema = z.strictObject({
  appName: z.string().optional(),
  logLevel: z.enum(logLevels).optional(),
  ips: z.array(host).optional(),
  sockets: z.array(text).optional(),
  socketMode: whole(modeBounds).optional(),
  socketCommands: z.array(text).optional(),
  tls: tlsSchema.optional(),
  users: z.array(userSchema).default([]),
  master: masterSchema.optional(),
  webSocket: webSocketSchema.optional(),
  http: httpSchema.optional(),
  persistenceFile: text.optional(),
  notices: z.array(z.string()).optional(),
  ...numbersOf(timeBoundsMs, ({ min, max }) => z.number().min(min).max(max)),
  ...numbersOf(countBounds, whole),
});

const knownKeys = {
  '': Object.keys(schema.shape),
  tls: Object.keys(tlsSchema.shape),
  users: Object.keys(userSchema.shape),
  permissions: Object.keys(permissionsSchema.shape),
  master: Object.keys(masterSchema.shape),
  webSocket: Object.keys(webSocketSchema.shape),
  http: Object.keys(httpSchema.shape),
};

const allPermissions: Permissions = { read: true, write: true, manage: true, interclacks: true };
const noPermissions: Permissions = { read: false, write: false, manage: false, interclacks: false };

/** What the settings are called in an object. */
const names = {
  ips: 'ips',
  sockets: 'sockets',
  webSocket: 'webSocket',
  http: 'http',
  caFile: 'caFile',
  certFile: 'certFile',
  keyFile: 'keyFile',
  clientCa: 'tls.caFile',
  requireClientCert: 'requireClientCert',
  certificateSubject: 'certificateSubject',
  maxLineLength: 'maxLineLength',
  maxOutbuffer: 'maxOutbuffer',
};

const keyOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./u, '');

const errorOfIssue = (issue: z.core.$ZodIssue | undefined): ConfigError => {
  if (issue?.code !== 'unrecognized_keys') {
    return new ConfigError(issue?.message ?? 'is not a configuration', {
      key: keyOf(issue?.path ?? []) || undefined,
    });
  }
  const [key = ''] = issue.keys;
  const section = issue.path.findLast((part) => typeof part === 'string') ?? '';
  return new ConfigError(suggestKey(key, section, knownKeys, '.'), {
    key: keyOf([...issue.path, key]),
  });
};

const keyOfPlace = (place: ProblemPlace): string | undefined => {
  if (place.setting === 'none') return undefined;
  return 'index' in place ? `${place.setting}[${place.index}]` : place.setting;
};

const withDefaults = (settings: z.output<typeof schema>): ServerConfig => {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  const { users, tls, master, webSocket, http } = settings;
  return {
    ...defaultConfig,
    ...Object.fromEntries(given),
    users: users.map((user, index) => ({
      ...user,
      permissions: user.permissions ?? (index === 0 ? allPermissions : noPermissions),
    })),
    tls: tls && {
      ...tls,
      caFile: tls.caFile,
      requireClientCert: tls.requireClientCert ?? tls.caFile !== undefined,
    },
    master: master && {
      ...master,
      ip: master.ip,
      socket: master.socket,
      caFile: master.caFile,
      certFile: master.certFile,
      keyFile: master.keyFile,
      fingerprint: master.fingerprint,
    },
    webSocket: webSocket && {
      ...webSocket,
      ips: webSocket.ips ?? (webSocket.http ? [] : defaultWebSocket.ips),
    },
    http: http && { ...http, tls: http.tls, certFile: http.certFile, keyFile: http.keyFile },
  };
};

/**
 * Checks a configuration that a program gives, and fills in the defaults. Times are milliseconds;
 * file names are relative to the working directory. What it returns it also accepts.
 *
 * @param needsUsers - Whether nobody could log in without `users`.
 * @throws ConfigError (`CLACKS_ERR_CONFIG`) that names the wrong key.
 */
export const resolveConfig = (input: ServerConfigInput, needsUsers = true): ServerConfig => {
  const result = schema.safeParse(input);
  if (!result.success) throw errorOfIssue(result.error.issues[0]);
  const config = withDefaults(result.data);
  const problem = findProblem(config, names, needsUsers);
  if (problem !== undefined) {
    throw new ConfigError(problem.message, { key: keyOfPlace(problem.place) });
  }
  return { ...config, notices: [...new Set([...config.notices, ...noticesOf(config, names)])] };
};
