import type { ApiReadiness } from '../../http/api-types.ts';
import { isPasswordHash } from '../../auth/scrypt.ts';
import { isLoopback } from '../../config/checks.ts';
import type { ServerConfig } from '../../config/schema.ts';
import { HttpClient } from '../../net/http-client.ts';
import type { HttpTarget } from '../../net/http-client.ts';
import { basicAuthorization } from '../http-login.ts';
import { Check, reasonOf } from './finding.ts';
import type { Finding } from './finding.ts';
import { fingerprintOf } from './listeners.ts';
import { checkPort, connectable, formatPlace } from './place.ts';

/** What became of it, and what the server tells of itself. */
export interface HttpFindings {
  readonly findings: readonly Finding[];
  /** How many files the server can have open, if it says so. */
  readonly openFilesMax: number | undefined;
}

const problems: Readonly<Record<string, string>> = {
  not_listening: 'it starts, or stops: look again in a moment',
  not_synchronised: 'it has no link to its master: see the findings about that, and its log',
  store_not_writable: 'its disk may be full, or its files not be its own: see its log',
};

const targetOf = async (
  http: NonNullable<ServerConfig['http']>,
  { tls }: ServerConfig,
): Promise<HttpTarget> => {
  const { ip, port, certFile } = http;
  const host = connectable(ip);
  const usesTls = http.tls ?? (certFile !== undefined || !isLoopback(ip));
  if (!usesTls) return { host, port };
  const fingerprint = await fingerprintOf(certFile ?? tls?.certFile);
  return { host, port, tls: { transport: 'tls', host, port, fingerprint, isVerified: true } };
};

const headersOf = ({ users: [mainUser] }: ServerConfig): Record<string, string> =>
  mainUser?.password === undefined || isPasswordHash(mainUser.password)
    ? {}
    : { authorization: basicAuthorization(mainUser.username, mainUser.password) };

const readLimit = async (client: HttpClient): Promise<number | undefined> => {
  const { status, text } = await client.request('GET', '/metrics');
  const [, limit] = /^process_max_fds (\d+)$/mu.exec(text) ?? [];
  return status === 200 && limit !== undefined ? Number(limit) : undefined;
};

/** Most problems that are told, and most characters of one: a server has less. */
const problemsMax = 10;
const problemLengthMax = 100;

const shortText = (problem: unknown): string =>
  (typeof problem === 'string' ? problem : 'not ready').slice(0, problemLengthMax);

const checkReadiness = (check: Check, where: string, text: string): void => {
  // Nobody has said yet that it comes from a server.
  const readiness = JSON.parse(text) as Partial<Record<keyof ApiReadiness, unknown>> | null;
  const told = readiness?.problems ?? ['not ready'];
  if (readiness?.status === 'ready') check.ok(`${where} says that the server is ready`);
  else if (readiness?.status === 'not ready' && Array.isArray(told)) {
    for (const problem of told.slice(0, problemsMax).map((each) => shortText(each))) {
      check.fail(`${where} says: ${problem}`, problems[problem] ?? 'see the log of the server');
    }
  } else throw new Error('it is no admin HTTP of a clacks server');
};

/**
 * Asks the admin HTTP, if there is to be one, whether the server is ready.
 *
 * @param isRunning - Whether the server has shown elsewhere that it runs. Only then the password is
 * sent: without TLS, nothing else says who has the port.
 */
export const checkHttp = async (
  config: ServerConfig,
  timeoutMs: number,
  isRunning: boolean,
): Promise<HttpFindings> => {
  const check = new Check('admin http');
  const { http } = config;
  let openFilesMax: number | undefined;
  if (http === undefined) return { findings: [], openFilesMax };
  const { ip, port } = http;
  const isThere = await checkPort(check, { ip, port, key: '<port> of <http>' }, timeoutMs);
  if (!isThere) return { findings: check.findings, openFilesMax };
  const where = formatPlace(ip, port);
  const headers = isRunning ? headersOf(config) : {};
  using client = new HttpClient(await targetOf(http, config), headers, timeoutMs);
  try {
    const { text } = await client.request('GET', '/readyz');
    checkReadiness(check, where, text);
    openFilesMax = await readLimit(client);
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'it is no admin HTTP' : reasonOf(error);
    check.fail(
      `${where} does not answer as the admin HTTP of this server: ${reason}`,
      'end what listens there, or choose another <port> in <http>',
    );
  }
  return { findings: check.findings, openFilesMax };
};
