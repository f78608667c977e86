import { isLoopback } from '../config/checks.ts';
import { ConfigError } from '../config/config-error.ts';
import type { ServerConfig } from '../config/schema.ts';
import type { TlsSettings } from '../net/tls-settings.ts';
import { readCertificate } from './tls-files.ts';

/** The admin HTTP, as a configuration has it. */
export interface HttpSettings {
  readonly ip: string;
  readonly port: number;
  /** Without it, no TLS is spoken. */
  readonly tls: TlsSettings | undefined;
  /** Whether an address is that of a proxy that may say who asks, and whether it is over TLS. */
  readonly isProxy: (address: string) => boolean;
}

/**
 * What is to be known of the admin HTTP, if the configuration has one.
 *
 * @param nodeTls - What the node itself speaks TLS with, if it does.
 * @throws ConfigError if passwords would go over the network in clear, or its certificate cannot be used.
 */
export const readHttpSettings = async (
  config: ServerConfig,
  nodeTls: TlsSettings | undefined,
): Promise<HttpSettings | undefined> => {
  const { http, authTimeoutMs } = config;
  if (http === undefined) return undefined;
  const { ip, port, trustProxy, certFile, keyFile } = http;
  const isProxy = (address: string): boolean => trustProxy && isLoopback(address);
  const isLocal = isLoopback(ip);
  if (certFile !== undefined && keyFile !== undefined) {
    const own = await readCertificate({ certFile, keyFile }, 'http');
    const tls = { ...own, isClientCertRequired: false, handshakeTimeoutMs: authTimeoutMs };
    return { ip, port, tls, isProxy };
  }
  const wantsTls = http.tls ?? !isLocal;
  if (!wantsTls && isLocal) return { ip, port, tls: undefined, isProxy };
  if (wantsTls && nodeTls !== undefined) {
    const { cert, key, handshakeTimeoutMs } = nodeTls;
    const tls = { cert, key, handshakeTimeoutMs, isClientCertRequired: false };
    return { ip, port, tls, isProxy };
  }
  throw new ConfigError(
    `others than this machine reach ${ip}: passwords go over it with TLS only; ` +
      'use 127.0.0.1, or give it a certificate and a key',
    { key: 'http' },
  );
};
