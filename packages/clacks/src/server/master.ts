import { encodeToken } from '@clacks/protocol';
import type { ConnectionFacts } from '../broker/ports.ts';
import { isLoopback } from '../config/checks.ts';
import { ConfigError } from '../config/config-error.ts';
import type { MasterConfig, ServerConfig } from '../config/schema.ts';
import type { MasterOptions } from '../link/ports.ts';
import type { DialTarget } from '../net/dialer.ts';
import { checkKeyPair } from '../net/tls-settings.ts';
import { readConfiguredFile } from './tls-files.ts';

/** A node's master, as its configuration has it. */
export interface Master {
  readonly options: Omit<MasterOptions, 'dial'>;
  readonly target: DialTarget;
  /** What to tell the operator, if anything. */
  readonly warning: string | undefined;
}

const openLoopback =
  '<master> does not say how to know the master: its certificate is not checked, as it is on this ' +
  'machine; add <ca>FILE</ca> or <fingerprint>…</fingerprint> to <master> (clacks cert shows it), ' +
  'or <insecure>1</insecure> if that is what you want';

const wantsNoCheck =
  '<insecure> in <master>: whoever is between this node and its master can read and change everything';

/** What this node shows to its master. */
const readOwnCertificate = async (certFile: string | undefined, keyFile: string | undefined) => {
  if (certFile === undefined || keyFile === undefined) return {};
  const cert = await readConfiguredFile(certFile, 'master/cert');
  const key = await readConfiguredFile(keyFile, 'master/key');
  try {
    checkKeyPair(cert, key);
  } catch (error) {
    throw new ConfigError(
      `${certFile} and ${keyFile} are no certificate and key that belong together ` +
        `(${(error as Error).message})`,
      { key: 'master/key', cause: error },
    );
  }
  return { cert, key };
};

const targetOf = async (master: MasterConfig): Promise<Pick<Master, 'target' | 'warning'>> => {
  const { ip: host, port, socket, caFile, certFile, keyFile, fingerprint, insecure } = master;
  if (host === undefined) {
    return { target: { transport: 'unix', path: socket ?? '' }, warning: undefined };
  }
  const ca = caFile === undefined ? undefined : await readConfiguredFile(caFile, 'master/ca');
  const own = await readOwnCertificate(certFile, keyFile);
  const isOpen = !insecure && ca === undefined && fingerprint === undefined && isLoopback(host);
  const isVerified = !insecure && !isOpen;
  return {
    target: { transport: 'tls', host, port, ca, fingerprint, isVerified, ...own },
    warning: isOpen ? openLoopback : insecure ? wantsNoCheck : undefined,
  };
};

/**
 * What is to be known of the master, if the configuration has one.
 *
 * @throws ConfigError if the file of its certificates cannot be read.
 */
export const readMaster = async ({ master, users }: ServerConfig): Promise<Master | undefined> => {
  const [mainUser] = users;
  if (master === undefined || mainUser === undefined) return undefined;
  const { username, password = '' } = mainUser;
  return {
    ...(await targetOf(master)),
    options: {
      name: master.socket ?? `${master.ip ?? ''} port ${master.port}`,
      token: encodeToken({ username, password }),
      sync: master.sync,
    },
  };
};

/** How the link to the master stands in the list of clients (protocol 5). */
export const masterFacts = ({
  master,
}: ServerConfig): ConnectionFacts & { readonly cid: string } => {
  if (master?.ip === undefined) {
    const cid = 'unixdomainsocket:interclacksmaster';
    return { transport: 'unix', host: '', port: '', cid };
  }
  const { ip: host, port } = master;
  return { transport: 'tls', host, port: String(port), cid: `${host}:${port}` };
};
