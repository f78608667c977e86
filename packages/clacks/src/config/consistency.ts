import { isPasswordHash } from '../auth/scrypt.ts';
import { isLoopback } from './checks.ts';
import { defaultWebSocket } from './defaults.ts';
import type { ServerConfig, WebSocketConfig } from './schema.ts';

/** Which setting a {@link Problem} is about. */
export type ProblemPlace =
  | { readonly setting: 'none' | 'tls' | 'master' | 'webSocket' | 'http' }
  | { readonly setting: 'ips' | 'sockets' | 'users'; readonly index: number };

/** Settings that are right by themselves but do not fit together. */
export interface Problem {
  readonly place: ProblemPlace;
  readonly message: string;
}

/** What the settings are called where they come from: `ip` in XML, `ips` in an object. */
export interface SettingNames {
  readonly ips: string;
  readonly sockets: string;
  readonly webSocket: string;
  readonly http: string;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientCa: string;
  readonly requireClientCert: string;
  readonly certificateSubject: string;
  readonly maxLineLength: string;
  readonly maxOutbuffer: string;
}

/** The index of the first element that was there before, or -1. */
const repeatedAt = (list: readonly string[]): number =>
  list.findIndex((element, index) => list.indexOf(element) < index);

const problemOfWebSocket = (
  { http, ips, port, tls }: WebSocketConfig,
  config: ServerConfig,
  names: SettingNames,
): string | undefined => {
  if (http) {
    if (config.http === undefined) return `is to be on the admin HTTP: it needs ${names.http}`;
    const hasOwn = ips.length > 0 || port !== defaultWebSocket.port || tls !== defaultWebSocket.tls;
    const own = `${names.ips}, port and tls`;
    return hasOwn ? `is on the admin HTTP, where ${own} have no effect: remove them` : undefined;
  }
  if (ips.length === 0) return `has nothing to listen on: it needs ${names.ips} or http`;
  const repeated = ips[repeatedAt(ips)];
  if (repeated !== undefined) return `${JSON.stringify(repeated)} is given twice`;
  const elsewhere = tls ? undefined : ips.find((ip) => !isLoopback(ip));
  return elsewhere && `has no TLS: that is for this machine itself only, not for ${elsewhere}`;
};

/** What is wrong with where it listens. */
const problemOfAddresses = (config: ServerConfig, names: SettingNames): Problem | undefined => {
  const { ips, sockets, tls, webSocket } = config;
  if (ips.length === 0 && sockets.length === 0 && webSocket === undefined) {
    const message = `there is nothing to listen on: it needs ${names.ips}, ${names.sockets} or ${names.webSocket}`;
    return { place: { setting: 'none' }, message };
  }
  const webSocketNeedsTls = webSocket !== undefined && webSocket.tls && !webSocket.http;
  const needsTls = ips.length > 0 ? names.ips : webSocketNeedsTls && names.webSocket;
  if (needsTls !== false && tls === undefined) {
    const message = `is missing: ${needsTls} needs a certificate and a key; make them with: clacks cert`;
    return { place: { setting: 'tls' }, message };
  }
  const message = webSocket && problemOfWebSocket(webSocket, config, names);
  return message === undefined ? undefined : { place: { setting: 'webSocket' }, message };
};

const problemOfMaster = (
  { master, users }: ServerConfig,
  names: SettingNames,
): string | undefined => {
  if (master === undefined) return undefined;
  if (users.length === 0) return 'needs a main user: this node logs in to its master with it';
  if (master.ip === undefined && master.socket === undefined) return 'needs ip or socket';
  if (master.ip !== undefined && master.socket !== undefined) {
    return 'has both ip and socket: remove one';
  }
  if (master.insecure && (master.caFile !== undefined || master.fingerprint !== undefined)) {
    return `insecure checks no certificate: remove it, or ${names.caFile} and fingerprint`;
  }
  if ((master.certFile === undefined) !== (master.keyFile === undefined)) {
    return `has only one of ${names.certFile} and ${names.keyFile}: they belong together`;
  }
  if (isPasswordHash(users[0]?.password ?? '')) {
    return 'needs the password of the main user in clear: this node logs in to its master with it';
  }
  return undefined;
};

/** What is wrong with who shows which certificate. */
const problemOfCertificates = (
  { tls, users }: ServerConfig,
  { clientCa, requireClientCert, certificateSubject }: SettingNames,
): Problem | undefined => {
  const signs = `${clientCa}, which says who signs the certificates of clients`;
  if (tls?.requireClientCert === true && tls.caFile === undefined) {
    return { place: { setting: 'tls' }, message: `${requireClientCert} needs ${signs}` };
  }
  const index = users.findIndex((user) => user.certificateSubject !== undefined);
  if (index >= 0 && tls?.caFile === undefined) {
    return { place: { setting: 'users', index }, message: `${certificateSubject} needs ${signs}` };
  }
  return undefined;
};

const problemOfUsers = (
  { users }: ServerConfig,
  { certificateSubject }: SettingNames,
  needsUsers: boolean,
): Problem | undefined => {
  const [mainUser] = users;
  const place = (index: number) => ({ setting: 'users' as const, index });
  if (mainUser === undefined) {
    if (!needsUsers) return undefined;
    return { place: place(0), message: 'is missing: nobody could log in' };
  }
  if (mainUser.password === undefined || mainUser.certificateSubject !== undefined) {
    const message = `is the main user: links log in with its password, and without a ${certificateSubject}`;
    return { place: place(0), message };
  }
  const index = users.findIndex(
    (user) => user.password === undefined && user.certificateSubject === undefined,
  );
  const message = `has neither a password nor a ${certificateSubject}`;
  return index < 0 ? undefined : { place: place(index), message };
};

const problemOfHttp = (
  { http, tls }: ServerConfig,
  { certFile, keyFile, ips }: SettingNames,
): string | undefined => {
  if (http === undefined) return undefined;
  const hasOwn = http.certFile !== undefined;
  if (hasOwn !== (http.keyFile !== undefined)) {
    return `has only one of ${certFile} and ${keyFile}: they belong together`;
  }
  if (hasOwn && http.tls === false) {
    return `has ${certFile} and ${keyFile}, but no tls: remove one or the other`;
  }
  if (http.tls === true && !hasOwn && tls === undefined) {
    return `has tls, but no certificate: give ${certFile} and ${keyFile} here, or those for ${ips}`;
  }
  return undefined;
};

/**
 * Says what is wrong with settings as a whole, if anything.
 *
 * @param needsUsers - Whether nobody could log in without users.
 */
export const findProblem = (
  config: ServerConfig,
  names: SettingNames,
  needsUsers = true,
): Problem | undefined => {
  const { ips, sockets, users } = config;
  const problem =
    problemOfAddresses(config, names) ??
    problemOfUsers(config, names, needsUsers) ??
    problemOfCertificates(config, names);
  if (problem !== undefined) return problem;
  const lists = { ips, sockets, users: users.map(({ username }) => username) };
  for (const setting of ['ips', 'sockets', 'users'] as const) {
    const index = repeatedAt(lists[setting]);
    const repeated = JSON.stringify(lists[setting][index]);
    if (index >= 0) return { place: { setting, index }, message: `${repeated} is given twice` };
  }
  const message = problemOfMaster(config, names);
  if (message !== undefined) return { place: { setting: 'master' }, message };
  const ofHttp = problemOfHttp(config, names);
  return ofHttp === undefined ? undefined : { place: { setting: 'http' }, message: ofHttp };
};

/** What an operator should know of settings that fit, but hardly as they were meant. */
export const noticesOf = (config: ServerConfig, names: SettingNames): string[] =>
  config.maxOutbuffer > config.maxLineLength
    ? []
    : [
        `${names.maxOutbuffer} is not above ${names.maxLineLength}: one long line can close every connection that listens for it`,
      ];
