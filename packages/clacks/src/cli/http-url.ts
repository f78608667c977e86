import { isLoopback } from '../config/checks.ts';
import { UsageError } from './exit-code.ts';

/** Where an admin HTTP is. */
export interface HttpUrl {
  readonly isTls: boolean;
  readonly host: string;
  readonly port: number;
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** Writes it as a URL. */
export const formatHttpUrl = ({ isTls, host, port }: HttpUrl): string =>
  `${isTls ? 'https' : 'http'}://${bracketed(host)}:${port}`;

/**
 * Parses `https://host:port`, or `http://127.0.0.1:port`.
 *
 * @param source - Where it comes from, for the message: it may hold a password.
 * @throws UsageError that says what is wrong with it.
 */
export const parseHttpUrl = (text: string, source: string): HttpUrl => {
  const refuse = (why: string): never => {
    throw new UsageError(`${source} ${why}: expected https://HOST:PORT or http://127.0.0.1:PORT.`);
  };
  const url = URL.canParse(text) ? new URL(text) : refuse('is no URL');
  const { protocol, hostname, port, username, password, pathname, search, hash } = url;
  if (protocol !== 'http:' && protocol !== 'https:') return refuse('is no URL of an admin HTTP');
  if (username !== '' || password !== '') {
    return refuse('holds a login, which belongs to --user and --password-file');
  }
  if (pathname !== '/' || search !== '' || hash !== '') return refuse('has more than a host');
  const isTls = protocol === 'https:';
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  // Whoever is on the way would read the password.
  if (!isTls && !isLoopback(host)) return refuse('has no TLS, and is not of this machine');
  return { isTls, host, port: port === '' ? (isTls ? 443 : 80) : Number(port) };
};
