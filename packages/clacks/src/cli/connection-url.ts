import { UsageError } from './exit-code.ts';

/** Where a server is: a part of it may be left to be filled in from elsewhere. */
export type ServerAddress =
  | { readonly kind: 'tcp'; readonly host?: string | undefined; readonly port?: number | undefined }
  | { readonly kind: 'unix'; readonly path: string };

/** What a URL says about a connection. */
export interface ConnectionUrl {
  readonly address: ServerAddress;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

const urlPattern =
  /^(?<scheme>clacks|clacks\+unix):\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<host>\[[\da-f:.%]+\]|[^:@/?#[\]]*)(?::(?<port>\d+))?(?<path>\/[^?#]*)?$/iu;

/** A port that one can connect to, or `undefined`. */
export const parsePort = (text: string): number | undefined => {
  const port = Number(text);
  return /^\d{1,5}$/u.test(text) && port > 0 && port <= 65_535 ? port : undefined;
};

const parseAddress = (parts: Readonly<Record<string, string | undefined>>): ServerAddress => {
  const { scheme = '', host = '', port, path } = parts;
  if (scheme.toLowerCase() === 'clacks') {
    const number = port === undefined ? undefined : parsePort(port);
    if (host === '') throw new TypeError('it names no host');
    if (port !== undefined && number === undefined) throw new TypeError('its port is none');
    if (path !== undefined && path !== '/') throw new TypeError('it has a path');
    const bare = host.startsWith('[') ? host.slice(1, -1) : decodeURIComponent(host);
    return { kind: 'tcp', host: bare, port: number };
  }
  if (path === undefined || path === '/') throw new TypeError('it names no path');
  if (host !== '' || port !== undefined) throw new TypeError('a unix socket has no host');
  return { kind: 'unix', path: decodeURIComponent(path) };
};

/**
 * Parses `clacks://user:password@host:port` or `clacks+unix://user:password@/path`. Parts are
 * percent-decoded.
 *
 * @param source - Where the URL comes from, for the message: the URL itself may hold a password.
 * @throws UsageError that says what is wrong with it.
 */
export const parseConnectionUrl = (text: string, source: string): ConnectionUrl => {
  const expected = 'expected clacks://USER:PASSWORD@HOST:PORT or clacks+unix://USER:PASSWORD@/PATH';
  const groups = urlPattern.exec(text)?.groups;
  if (groups === undefined) {
    const hint = `with special characters in USER and PASSWORD written as %XX`;
    throw new UsageError(`${source} is no clacks URL: ${expected}, ${hint}.`);
  }
  const { user, password } = groups;
  try {
    return {
      address: parseAddress(groups),
      ...(user !== undefined && user !== '' && { username: decodeURIComponent(user) }),
      ...(password !== undefined && { password: decodeURIComponent(password) }),
    };
  } catch (error) {
    const why =
      error instanceof TypeError ? error.message : 'a % is not followed by two hex digits';
    throw new UsageError(`${source} is no clacks URL: ${why}; ${expected}.`, { cause: error });
  }
};

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** Names an address for people, and as the end of a URL. */
export const formatAddress = (address: ServerAddress): string => {
  if (address.kind === 'unix') return address.path;
  const { host = '', port } = address;
  return port === undefined ? bracketed(host) : `${bracketed(host)}:${port}`;
};

/** Writes a connection as a URL, the password included: not for messages. */
export const formatConnectionUrl = ({ address, username, password }: ConnectionUrl): string => {
  const user = username === undefined ? '' : encodeURIComponent(username);
  const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`;
  const login = user === '' ? '' : `${user}${secret}@`;
  return address.kind === 'unix'
    ? `clacks+unix://${login}${address.path.split('/').map(encodeURIComponent).join('/')}`
    : `clacks://${login}${formatAddress(address)}`;
};
