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
  quote,
} from './checks.ts';
import { logLevels } from './log-level.ts';

/** Keys whose value is a time in seconds, with the setting that each is for. */
export const secondsKeys = {
  pingtimeout: 'pingTimeoutMs',
  interclackspingtimeout: 'interclacksPingTimeoutMs',
  interclacksreconnecttimeout: 'interclacksReconnectTimeoutMs',
  authtimeout: 'authTimeoutMs',
  stalledwritetimeout: 'stalledWriteTimeoutMs',
  interclacksstalledwritetimeout: 'interclacksStalledWriteTimeoutMs',
  deletedcachetime: 'deletedCacheTimeMs',
  stalecachetime: 'staleCacheTimeMs',
  cachecleaninterval: 'cacheCleanIntervalMs',
  persistanceinterval: 'persistenceIntervalMs',
} as const;

/** Keys whose value is a whole number, with the setting that each is for. */
export const countKeys = {
  port: 'port',
  maxlinelength: 'maxLineLength',
  maxoutbuffer: 'maxOutbuffer',
  maxbuffered: 'maxBuffered',
  maxconnections: 'maxConnections',
  maxconnectionsperhost: 'maxConnectionsPerHost',
  maxnames: 'maxNames',
  maxmessagespersecond: 'maxMessagesPerSecond',
  maxcacheentries: 'maxCacheEntries',
  maxcachebytes: 'maxCacheBytes',
} as const;

/** Keys of the Perl server that say nothing to this one. */
export const ignoredKeys = [
  'throttle',
  'debugfile',
  'readfailtimeout',
  'interclacksreadfailtimeout',
] as const;

/** Every element comes as an array of what it was given as: text, or an object of such arrays. */
const exact = z.string({ error: 'expected text, without elements or attributes' });
const text = exact.transform((value) => value.trim());

const once = <T extends z.ZodType>(schema: T) =>
  z
    .array(schema)
    .max(1, { error: 'is given more than once' })
    .transform(([only]) => only)
    .optional();

const several = <T extends z.ZodType>(schema: T) =>
  z
    .array(schema)
    .transform((list) => (list.length === 0 ? undefined : list))
    .optional();

const section = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    // Unknown keys get their message where the place is known.
    error: ({ code }) =>
      code === 'invalid_type'
        ? `expected elements or attributes: ${Object.keys(shape).join(', ')}`
        : undefined,
  });

/** A text that a function makes a value of, or `undefined` if it is not what is expected. */
const converted = <T>(expected: string, convert: (value: string) => T | undefined) =>
  text.transform((value, context) => {
    const result = convert(value);
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message: `expected ${expected}, got ${quote(value)}` });
    return z.NEVER;
  });

const within = (value: number, { min, max }: Bounds): number | undefined =>
  value >= min && value <= max ? value : undefined;

const wholeNumber = (bounds: Bounds) =>
  converted(`a whole number from ${bounds.min} to ${bounds.max}`, (value) =>
    /^\d{1,15}$/u.test(value) ? within(Number(value), bounds) : undefined,
  );

const seconds = (bounds: Bounds) =>
  converted(`seconds from ${bounds.min / 1000} to ${bounds.max / 1000}`, (value) =>
    /^(?:\d{1,12}(?:\.\d{0,6})?|\.\d{1,6})$/u.test(value)
      ? within(Math.round(Number(value) * 1000), bounds)
      : undefined,
  );

const fileMode = converted('an octal file mode such as 0770', (value) =>
  /^[0-7]{3,6}$/u.test(value) ? within(Number.parseInt(value, 8), modeBounds) : undefined,
);

const flags: Readonly<Record<string, boolean>> = {
  '1': true,
  '0': false,
  true: true,
  false: false,
};
const flag = converted('1 or 0', (value) =>
  Object.hasOwn(flags, value) ? flags[value] : undefined,
);

const logLevel = converted(`one of ${logLevels.join(', ')}`, (value) =>
  logLevels.find((level) => level === value),
);

const host = converted(expectedHost, (value) => (isHost(value) ? value : undefined));
// What was written is not quoted here.
const password = exact.refine(isUsablePassword, { error: `expected ${expectedPassword}` });

/** Names and patterns, separated by blanks. */
const namePatterns = text.transform((value) =>
  value.split(/\s+/u).filter((pattern) => pattern !== ''),
);

const severalNamePatterns = z
  .array(namePatterns)
  .transform((lists, context) => {
    const patterns = lists.flat();
    const problem = problemOfNamePatterns(patterns);
    if (problem === undefined) return patterns.length === 0 ? undefined : patterns;
    context.addIssue({ code: 'custom', message: problem });
    return z.NEVER;
  })
  .optional();

const unsupported = (key: string) =>
  z
    .array(z.unknown())
    .max(0, { error: `is not supported by this version: remove <${key}>` })
    .optional();

const account = { username: once(exact), password: once(password) };

const subsections = {
  ssl: section({
    cert: once(text),
    key: once(text),
    ca: once(text),
    requireclientcert: once(flag),
  }),
  user: section({
    ...account,
    certsubject: once(converted(expectedSubject, normalSubject)),
    read: once(flag),
    write: once(flag),
    manage: once(flag),
    readnames: severalNamePatterns,
    writenames: severalNamePatterns,
    maxmessagespersecond: once(wholeNumber(countBounds.maxMessagesPerSecond)),
  }),
  master: section({
    ip: once(host),
    port: once(wholeNumber(masterPortBounds)),
    socket: once(text),
    ca: once(text),
    cert: once(text),
    key: once(text),
    fingerprint: once(converted(expectedFingerprint, normalFingerprint)),
    insecure: once(flag),
    sync: once(
      converted('merge or replace', (value) =>
        value === 'merge' || value === 'replace' ? value : undefined,
      ),
    ),
  }),
  websocket: section({
    ip: several(host),
    port: once(wholeNumber(countBounds.port)),
    tls: once(flag),
    origin: several(converted(expectedOrigin, normalOrigin)),
    http: once(flag),
  }),
  http: section({
    ip: once(host),
    port: once(wholeNumber(countBounds.port)),
    tls: once(flag),
    trustproxy: once(flag),
    cert: once(text),
    key: once(text),
  }),
  throttle: section({ maxsleep: once(text), step: once(text) }),
};

type Leaf = ReturnType<typeof once<ReturnType<typeof wholeNumber>>>;

/** The same kind of element for each key of a table. */
const shapeOf = <Key extends string, Name extends string>(
  keys: Readonly<Record<Key, Name>>,
  leafFor: (name: Name) => Leaf,
): Record<Key, Leaf> =>
  Object.fromEntries(
    Object.entries<Name>(keys).map(([key, name]) => [key, leafFor(name)]),
  ) as Record<Key, Leaf>;

const rootShape = {
  appname: once(text),
  loglevel: once(logLevel),
  ip: several(host),
  socket: several(text),
  socketchmod: once(fileMode),
  socketcommands: several(text),
  ssl: once(subsections.ssl),
  ...account,
  user: several(subsections.user),
  master: once(subsections.master),
  websocket: once(subsections.websocket),
  persistancefile: once(text),
  debugfile: once(text),
  readfailtimeout: once(text),
  interclacksreadfailtimeout: once(text),
  throttle: once(subsections.throttle),
  http: once(subsections.http),
  backbone: unsupported('backbone'),
  mqtt: unsupported('mqtt'),
  ...shapeOf(secondsKeys, (name) => once(seconds(timeBoundsMs[name]))),
  ...shapeOf(countKeys, (name) => once(wholeNumber(countBounds[name]))),
};

/** The content of the root element, or of a host's section. Unset is `undefined`. */
const hostSchema = section(rootShape);

/** The content of the root element: a host's section, and the sections of hosts. */
export const documentSchema = section({
  ...rootShape,
  hosts: once(
    z.record(z.string(), once(hostSchema), { error: 'expected an element for each host' }),
  ),
});

/** What a host is told. */
export type HostSection = z.output<typeof hostSchema>;

/** Every known key by the section it belongs in; the root's is `''`. */
export const knownKeys: Readonly<Record<string, readonly string[]>> = {
  '': [...Object.keys(rootShape), 'hosts'],
  ...Object.fromEntries(
    Object.entries(subsections).map(([name, { shape }]) => [name, Object.keys(shape)]),
  ),
};
