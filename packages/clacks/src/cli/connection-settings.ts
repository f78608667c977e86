import { readFile } from 'node:fs/promises';
import { defaultPort } from '@clacks/protocol';
import { readConnectionFile } from './connection-file.ts';
import type { ConnectionFile } from './connection-file.ts';
import type { ConnectionFlags } from './connection-options.ts';
import { formatAddress, parseConnectionUrl } from './connection-url.ts';
import type { ConnectionUrl, ServerAddress } from './connection-url.ts';
import { UsageError } from './exit-code.ts';
import { parseHttpUrl } from './http-url.ts';
import type { HttpUrl } from './http-url.ts';
import { askHidden } from './prompt.ts';

/** Whom to believe to be the server. Without any: whom the system's certificates vouch for. */
export interface Trust {
  /** Path of a PEM file. */
  readonly ca?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly insecure?: boolean | undefined;
}

/** How the user shows who it is, besides a password: paths of PEM files. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

interface Login {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** What one source says about the connection. */
interface Layer {
  readonly address?: ServerAddress | undefined;
  readonly http?: HttpUrl | undefined;
  readonly login: Login;
  readonly trust?: Trust | undefined;
  readonly identity?: Identity | undefined;
}

/** A connection with everything that is needed for it. */
export interface ConnectionSettings {
  readonly address:
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
    | { readonly kind: 'unix'; readonly path: string };
  /** Where its admin HTTP is, if that was asked for and is known. */
  readonly http: HttpUrl | undefined;
  readonly username: string;
  /** Empty if a certificate takes its place. */
  readonly password: string;
  readonly trust: Trust;
  readonly identity: Identity | undefined;
  /** The file that the address comes from, if nobody gave another one. */
  readonly source: string | undefined;
}

const trustOf = ({ ca, fingerprint, insecure }: Trust): Trust | undefined =>
  ca === undefined && fingerprint === undefined && insecure !== true
    ? undefined
    : { ca, fingerprint, insecure };

const identityOf = (
  { cert, key }: { cert?: string | undefined; key?: string | undefined },
  [nameOfCert, nameOfKey]: readonly [string, string],
): Identity | undefined => {
  if (cert === undefined && key === undefined) return undefined;
  if (cert !== undefined && key !== undefined) return { cert, key };
  const [given, missing] = cert === undefined ? [nameOfKey, nameOfCert] : [nameOfCert, nameOfKey];
  throw new UsageError(`${given} needs ${missing}: a certificate and its key belong together.`);
};

const layerOfUrl = ({ address, username, password }: ConnectionUrl): Layer => ({
  address,
  login: { username, password },
});

/** Who names an admin HTTP and nothing else names a server. */
const withHttpAddress = (layer: Layer): Layer =>
  layer.address === undefined && layer.http !== undefined
    ? { ...layer, address: { kind: 'tcp', host: layer.http.host, port: layer.http.port } }
    : layer;

const environmentLayer = (usesHttp: boolean): Layer => {
  const given = (name: string) => (process.env[name] === '' ? undefined : process.env[name]);
  const url = given('CLACKS_URL');
  const http = usesHttp ? given('CLACKS_HTTP') : undefined;
  const layer = url === undefined ? { login: {} } : parseUrlOf('CLACKS_URL', url);
  return withHttpAddress({
    ...layer,
    http: http === undefined ? undefined : parseHttpUrl(http, 'CLACKS_HTTP'),
    trust: trustOf({ ca: given('CLACKS_CA'), fingerprint: given('CLACKS_FINGERPRINT') }),
    identity: identityOf({ cert: given('CLACKS_CERT'), key: given('CLACKS_KEY') }, [
      'CLACKS_CERT',
      'CLACKS_KEY',
    ]),
  });
};

const parseUrlOf = (source: string, url: string): Layer =>
  layerOfUrl(parseConnectionUrl(url, source));

const addressOfFlags = ({ host, port, socket }: ConnectionFlags): ServerAddress | undefined => {
  if (socket === undefined) {
    return host === undefined && port === undefined ? undefined : { kind: 'tcp', host, port };
  }
  if (host !== undefined || port !== undefined) {
    throw new UsageError('--socket takes the place of --host and --port: give one or the other.');
  }
  return { kind: 'unix', path: socket };
};

const readPassword = async (file: string): Promise<string> => {
  try {
    const [line = ''] = (await readFile(file, 'utf8')).split(/\r?\n/u, 1);
    return line;
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(`--password-file ${file} cannot be read: ${message}.`, { cause: error });
  }
};

const flagsLayer = async (flags: ConnectionFlags): Promise<Layer> => {
  const { user, passwordFile, http } = flags;
  const password = passwordFile === undefined ? undefined : await readPassword(passwordFile);
  const login = { username: user, password };
  const options: Layer = {
    address: addressOfFlags(flags),
    http: http === undefined ? undefined : parseHttpUrl(http, '--http'),
    login,
    trust: trustOf(flags),
    identity: identityOf(flags, ['--cert', '--key']),
  };
  const { url } = flags;
  return withHttpAddress(url === undefined ? options : merge(options, parseUrlOf('--url', url)));
};

const mergeAddress = (upper: ServerAddress, lower: ServerAddress | undefined): ServerAddress =>
  upper.kind === 'tcp' && lower?.kind === 'tcp'
    ? { kind: 'tcp', host: upper.host ?? lower.host, port: upper.port ?? lower.port }
    : upper;

/** A password belongs to the user name that stands beside it: it is no other user's. */
const mergeLogin = (upper: Login, lower: Login): Login =>
  upper.username === undefined || upper.username === lower.username
    ? { username: lower.username, password: upper.password ?? lower.password }
    : upper;

const merge = (upper: Layer, lower: Layer): Layer => ({
  address: upper.address === undefined ? lower.address : mergeAddress(upper.address, lower.address),
  http: upper.http ?? lower.http,
  login: mergeLogin(upper.login, lower.login),
  // Whom to trust is one decision: parts of two would be a third one that nobody took.
  trust: upper.trust ?? lower.trust,
  identity: upper.identity ?? lower.identity,
});

const isAnotherServer = (address: ServerAddress | undefined, own: ServerAddress): boolean => {
  if (address === undefined) return false;
  if (address.kind === 'unix' || own.kind === 'unix') {
    return address.kind !== own.kind || formatAddress(address) !== formatAddress(own);
  }
  return address.host !== undefined && address.host !== own.host;
};

/** A password and a certificate belong to the server that they were given for: no other gets them. */
const lentTo = (address: ServerAddress | undefined, layer: Layer): Layer =>
  layer.address !== undefined && isAnotherServer(address, layer.address)
    ? { address: layer.address, login: { username: layer.login.username } }
    : layer;

const layerOfFile = (file: ConnectionFile): Layer => ({
  ...layerOfUrl(file.url),
  http: file.http,
  trust: trustOf(file),
  identity: identityOf(file, [`cert in ${file.file}`, 'key']),
});

const completeLogin = async (
  { username, password }: Login,
  identity: Identity | undefined,
  where: string,
) => {
  if (username === undefined) {
    throw new UsageError(`No user name for ${where}: give --user, or a URL with one.`);
  }
  if (password !== undefined) return { username, password };
  if (identity !== undefined) return { username, password: '' };
  const asked = await askHidden(`Password of ${username} at ${where}: `);
  if (asked !== undefined) return { username, password: asked };
  throw new UsageError(
    `No password for ${username} at ${where}: give --password-file, or a CLACKS_URL with one.`,
  );
};

const nothingKnown =
  "No server is known: start one with 'clacks server', or name one with --url or CLACKS_URL.";

/**
 * Puts the connection together: flags first, then the environment. The user's connection file
 * counts if neither of them names a server: its password and certificate are for its own one.
 *
 * @param usesHttp - Whether it is about the admin HTTP of that server: then that names it, too.
 * @throws UsageError or ConfigError if something is missing or wrong.
 */
export const connectionSettings = async (
  flags: ConnectionFlags,
  usesHttp = false,
): Promise<ConnectionSettings> => {
  const flagged = await flagsLayer(flags);
  const given = merge(flagged, lentTo(flagged.address, environmentLayer(usesHttp)));
  const file = given.address === undefined ? await readConnectionFile() : undefined;
  const layer = file === undefined ? given : merge(given, layerOfFile(file));
  const { address, http, login, trust, identity } = layer;
  if (address === undefined) throw new UsageError(nothingKnown);
  const complete =
    address.kind === 'unix'
      ? address
      : {
          kind: 'tcp' as const,
          host: address.host ?? '127.0.0.1',
          port: address.port ?? defaultPort,
        };
  return {
    address: complete,
    http,
    ...(await completeLogin(login, identity, formatAddress(complete))),
    trust: trust ?? {},
    identity,
    source: file?.file,
  };
};
