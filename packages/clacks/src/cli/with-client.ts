import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { ClacksError } from '@clacks/protocol';
import type { Client, ConnectOptions } from '@clacks/client';
import { expectedFingerprint, normalFingerprint } from '../config/checks.ts';
import { checkKeyPair } from '../net/tls-settings.ts';
import { connectionFlags } from './connection-options.ts';
import type { ConnectionFlags } from './connection-options.ts';
import { connectionSettings } from './connection-settings.ts';
import type { ConnectionSettings, Identity } from './connection-settings.ts';
import { CommandError, UsageError } from './exit-code.ts';
import { explainConnectError, explainServerErrors } from './server-errors.ts';

const readCertificate = async (file: string): Promise<string> => {
  try {
    const text = await readFile(file, 'utf8');
    // A file that holds none would only show as a server that is not trusted.
    new X509Certificate(text);
    return text;
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(`The certificate ${file} cannot be read: ${message}.`, { cause: error });
  }
};

const readKey = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(`The key ${file} cannot be read: ${message}.`, { cause: error });
  }
};

const readIdentity = async (identity: Identity): Promise<{ cert: string; key: string }> => {
  const cert = await readCertificate(identity.cert);
  const key = await readKey(identity.key);
  try {
    checkKeyPair(cert, key);
  } catch (error) {
    const { message } = error as Error;
    const names = `${identity.cert} and ${identity.key}`;
    throw new UsageError(`${names} are no certificate and key that belong together: ${message}.`, {
      cause: error,
    });
  }
  return { cert, key };
};

/** Whom to trust, and what to show, with what is in the files. */
interface TlsFiles {
  readonly ca?: string;
  readonly fingerprint?: string;
  readonly insecure?: boolean;
  readonly cert?: string;
  readonly key?: string;
}

const checkFingerprint = (fingerprint: string): string => {
  const normal = normalFingerprint(fingerprint);
  if (normal !== undefined) return normal;
  throw new UsageError(`The fingerprint is none: expected ${expectedFingerprint}.`);
};

/**
 * How the server is known, and how the user shows who it is.
 *
 * @throws UsageError if that is unusable.
 */
export const tlsOptions = async ({
  trust: { ca, fingerprint, insecure },
  identity,
}: Pick<ConnectionSettings, 'trust' | 'identity'>): Promise<TlsFiles> => ({
  ...(ca !== undefined && { ca: await readCertificate(ca) }),
  ...(fingerprint !== undefined && { fingerprint: checkFingerprint(fingerprint) }),
  ...(insecure === true && { insecure }),
  ...(identity !== undefined && (await readIdentity(identity))),
});

const connectOptions = async (
  settings: ConnectionSettings,
  timeoutMs: number | undefined,
): Promise<ConnectOptions> => {
  const { address, username, password } = settings;
  return {
    ...(address.kind === 'unix'
      ? { path: address.path }
      : { host: address.host, port: address.port, tls: await tlsOptions(settings) }),
    username,
    password,
    // Whoever types commands is not a part of the clacks that others rely on.
    remember: false,
    ...(timeoutMs !== undefined && { requestTimeoutMs: timeoutMs, connectTimeoutMs: timeoutMs }),
  };
};

/** How a command uses its connection. */
export interface ClientUse {
  /** Its options, where they are not the command's own (`listen` has another `--timeout`). */
  readonly flags?: ConnectionFlags;
  /** Whether to connect again when the connection is lost: for commands that go on and on. */
  readonly reconnect?: boolean;
  /** Whether to wait for a server that is not there yet: for commands that start with the machine. */
  readonly waitForServer?: boolean;
}

/**
 * Connects as the command line, the environment and the user's files say.
 *
 * @throws UsageError, ConfigError, CommandError
 */
export const connectClient = async (
  command: Command,
  { flags = connectionFlags(command), reconnect = false, waitForServer = false }: ClientUse = {},
): Promise<{ client: Client; settings: ConnectionSettings }> => {
  const settings = await connectionSettings(flags);
  const options = await connectOptions(settings, flags.timeout);
  const { connect } = await import('@clacks/client');
  try {
    const name = `clacks ${command.name()}`;
    return { client: await connect({ ...options, name, reconnect, waitForServer }), settings };
  } catch (error) {
    throw explainConnectError(error, settings);
  }
};

/**
 * Lets a command use a connection. When it is done, the server has handled everything it sent.
 *
 * @throws CommandError also if the server reported an error meanwhile, such as a denial.
 */
export const withClient = async (
  command: Command,
  use: (client: Client) => Promise<void>,
  options: ClientUse = {},
): Promise<void> => {
  const { client, settings } = await connectClient(command, options);
  const reported: string[] = [];
  client.on('serverError', (text) => {
    reported.push(text);
  });
  try {
    await use(client);
    // Commands that go on and on send nothing in the end, and may have no connection then.
    if (options.reconnect !== true) await client.flush();
    if (reported.length > 0) throw new CommandError('The server reports an error.');
    await client.close();
  } catch (error) {
    // What the server itself says tells more than what became of the connection.
    const isOurs = error instanceof ClacksError;
    throw isOurs ? explainServerErrors(error, reported, settings, command.name()) : error;
  } finally {
    client.destroy();
  }
};
