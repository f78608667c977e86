import { isPasswordHash } from '../auth/scrypt.ts';
import { loadConfig } from '../config/load.ts';
import type { ServerConfig } from '../config/schema.ts';
import type { ListenAddress } from '../server/listeners.ts';
import {
  isCurrentCertificate,
  localNames,
  makeCertificate,
  writeCertificate,
} from './certificate.ts';
import { writeConnectionFile } from './connection-file.ts';
import { formatConnectionUrl } from './connection-url.ts';
import {
  chosenConnectionFile,
  defaultConnectionFile,
  defaultServerDirectory,
} from './directories.ts';
import { formatHttpUrl } from './http-url.ts';
import type { HttpUrl } from './http-url.ts';
import { defaultDays, serverFiles, writeNewServer } from './new-server.ts';
import type { NewServer, ServerFiles } from './new-server.ts';
import { exists } from './private-files.ts';
import { defaultPort } from '@clacks/protocol';

/** The server without a configuration file, ready to start. */
export interface DefaultServer {
  readonly config: ServerConfig;
  readonly files: ServerFiles;
  /** What was made for it just now, on first use. */
  readonly made: NewServer | undefined;
}

/**
 * Prepares the server without a configuration file: on loopback only, with a certificate and a
 * password that are made on first use and kept. A certificate that has run out is replaced.
 */
export const prepareDefaultServer = async (): Promise<DefaultServer> => {
  const files = serverFiles(defaultServerDirectory());
  const isNew = !(await exists(files.config));
  const made = isNew
    ? await writeNewServer(files, { ips: ['127.0.0.1'], port: defaultPort })
    : undefined;
  if (!(await isCurrentCertificate(files.certificate.certificate))) {
    await writeCertificate(files.certificate, await makeCertificate(localNames(), defaultDays));
  }
  return { config: await loadConfig(files.config), files, made };
};

/** Tells the other commands how to reach the server that listens there now. */
export const announceDefaultServer = async (
  { users, tls }: ServerConfig,
  addresses: readonly ListenAddress[],
  http: HttpUrl | undefined,
): Promise<void> => {
  const [user] = users;
  const address = addresses.find((each) => each.transport !== 'websocket');
  if (user === undefined || address === undefined) return;
  const { username, password } = user;
  const url = formatConnectionUrl({
    address:
      address.transport === 'tls'
        ? { kind: 'tcp', host: address.host, port: address.port }
        : { kind: 'unix', path: address.path },
    username,
    // Somebody put a hash in its place: then the commands ask.
    ...(password !== undefined && !isPasswordHash(password) && { password }),
  });
  await writeConnectionFile(defaultConnectionFile(), {
    url,
    ...(http !== undefined && { http: formatHttpUrl(http) }),
    ...(tls !== undefined && { ca: tls.certFile }),
  });
};

/** The file, if there is one, that makes the other commands use another server. */
export const otherChosenConnection = async (): Promise<string | undefined> =>
  (await exists(chosenConnectionFile())) ? chosenConnectionFile() : undefined;
