import { X509Certificate } from 'node:crypto';
import { access, constants, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { connect } from '@clacks/client';
import type { ConnectOptions } from '@clacks/client';
import { ClacksError } from '@clacks/protocol';
import { isPasswordHash } from '../../auth/scrypt.ts';
import type { ServerConfig } from '../../config/schema.ts';
import { dial } from '../../net/dialer.ts';
import { isTaken } from '../../net/port-probe.ts';
import { aboutOwnCertificate } from '../server-errors.ts';
import { Check, reasonOf } from './finding.ts';
import type { Finding } from './finding.ts';
import { checkPort, connectable, formatPlace } from './place.ts';

/** What was found out. */
export interface ListenerFindings {
  readonly findings: readonly Finding[];
  /** Whether a server with that configuration runs: it has shown its certificate, or the socket is its own. */
  readonly isRunning: boolean;
}

/** Where the server listens, what it is to show there, and how long it may take. */
interface Surroundings {
  readonly config: ServerConfig;
  /** Of its certificate. */
  readonly fingerprint: string | undefined;
  readonly timeoutMs: number;
}

type Way = Pick<ConnectOptions, 'host' | 'port' | 'path' | 'tls'>;

const otherServer =
  'if the configuration has changed: clacks reload. Else another server has the place: end it, or take another one';

/** The main user's password, if it is there to log in with. */
const clearPassword = ({ users: [mainUser] }: ServerConfig): string | undefined =>
  mainUser?.password === undefined || isPasswordHash(mainUser.password)
    ? undefined
    : mainUser.password;

const explainFailure = (check: Check, where: string, error: ClacksError): void => {
  const cause = error.cause === undefined ? error.message : reasonOf(error.cause);
  if (error.code === 'CLACKS_ERR_CERTIFICATE' && aboutOwnCertificate.test(cause)) {
    check.ok(`${where} asks clients for a certificate: the login was not tried`);
  } else if (error.code === 'CLACKS_ERR_CERTIFICATE') {
    check.fail(`${where} shows another certificate than the one configured`, otherServer);
  } else if (error.code === 'CLACKS_ERR_LOGIN_FAILED') {
    check.fail(`${where} refuses the main user's login`, otherServer);
  } else {
    const mend = 'end what listens there, or choose another place for the server';
    check.fail(`${where} is taken by something else: ${cause.replace(/\.$/u, '')}`, mend);
  }
};

/** Logs in where somebody listens. Returns whether that has succeeded. */
const logIn = async (
  check: Check,
  where: string,
  way: Way,
  { config, timeoutMs }: Surroundings,
): Promise<boolean> => {
  const password = clearPassword(config);
  if (password === undefined) {
    check.ok(`${where} is taken; the login was not tried, as only a hash of the password is known`);
    return false;
  }
  try {
    const client = await connect({
      ...way,
      username: config.users[0]?.username ?? '',
      password,
      name: 'clacks doctor',
      reconnect: false,
      remember: false,
      connectTimeoutMs: timeoutMs,
    });
    const { serverInfo } = client;
    await client.close();
    check.ok(`${where} answers, with the right certificate and login (${serverInfo})`);
    return true;
  } catch (error) {
    if (!(error instanceof ClacksError)) throw error;
    explainFailure(check, where, error);
    return false;
  }
};

const checkTcp = async (check: Check, around: Surroundings): Promise<boolean> => {
  let isRunning = false;
  const { config, fingerprint, timeoutMs } = around;
  const { port } = config;
  for (const ip of config.ips) {
    if (!(await checkPort(check, { ip, port, key: '<port>' }, timeoutMs))) continue;
    const where = formatPlace(ip, port);
    if (fingerprint === undefined) {
      const mend = 'mend the certificate, and look again';
      check.warn(`${where} is taken; without the certificate nothing tells by whom`, mend);
      continue;
    }
    const way = { host: connectable(ip), port, tls: { fingerprint } };
    if (await logIn(check, where, way, around)) isRunning = true;
  }
  return isRunning;
};

const checkSocket = async (check: Check, file: string, around: Surroundings): Promise<boolean> => {
  const stats = await stat(file).catch(() => undefined);
  if (stats !== undefined && !stats.isSocket()) {
    check.fail(`${file} is no socket`, 'move it away, or choose another <socket>');
    return false;
  }
  try {
    if (stats !== undefined && (await isTaken({ path: file }, around.timeoutMs))) {
      return await logIn(check, file, { path: file }, around);
    }
    await access(path.dirname(file), constants.W_OK | constants.X_OK);
    check.ok(`${file} is free: no server runs there`);
  } catch (error) {
    check.fail(`${file}: ${reasonOf(error)}`, 'let the user of the server write in its directory');
  }
  return false;
};

const checkWebSocket = async (check: Check, around: Surroundings): Promise<void> => {
  const { config, fingerprint, timeoutMs } = around;
  const { ips = [], port = 0, tls = false } = config.webSocket ?? {};
  for (const ip of ips) {
    const isThere = await checkPort(check, { ip, port, key: '<port> of <websocket>' }, timeoutMs);
    if (!isThere) continue;
    const where = formatPlace(ip, port);
    if (!tls) {
      check.ok(`${where} is taken`);
      continue;
    }
    const host = connectable(ip);
    const target = { transport: 'tls', host, port, fingerprint, isVerified: true } as const;
    try {
      (await dial(target, AbortSignal.timeout(timeoutMs))).destroy();
      check.ok(`${where} answers, with the right certificate`);
    } catch (error) {
      check.fail(`${where} shows no such certificate: ${reasonOf(error)}`, otherServer);
    }
  }
};

/** The fingerprint of a certificate, if that can be read. */
export const fingerprintOf = async (file: string | undefined): Promise<string | undefined> => {
  try {
    return file && new X509Certificate(await readFile(file)).fingerprint256;
  } catch {
    // What is wrong with the file has been told before.
    return undefined;
  }
};

/** Looks whether the places of a server are free, or taken by a server with that configuration. */
export const checkListeners = async (
  config: ServerConfig,
  timeoutMs: number,
): Promise<ListenerFindings> => {
  const listener = new Check('listener');
  const webSocket = new Check('websocket');
  const fingerprint = await fingerprintOf(config.tls?.certFile);
  const around = { config, fingerprint, timeoutMs };
  let isRunning = await checkTcp(listener, around);
  for (const file of config.sockets) {
    if (await checkSocket(listener, file, around)) isRunning = true;
  }
  await checkWebSocket(webSocket, around);
  return { findings: [...listener.findings, ...webSocket.findings], isRunning };
};
