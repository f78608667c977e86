import { readFile } from 'node:fs/promises';
import { ConfigError } from '../config/config-error.ts';
import type { ServerConfig } from '../config/schema.ts';
import { checkTlsSettings } from '../net/tls-settings.ts';
import type { TlsSettings } from '../net/tls-settings.ts';

/**
 * Reads a file that the configuration names under that key.
 *
 * @throws ConfigError if it cannot be read.
 */
export const readConfiguredFile = async (file: string, key: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`cannot read ${file}: ${(error as Error).message}`, {
      key,
      cause: error,
    });
  }
};

/**
 * Reads the certificate and key of a configuration.
 *
 * @throws ConfigError if a file cannot be read, is no PEM, or the key does not fit the certificate.
 */
export const readTlsSettings = async (
  config: ServerConfig & { readonly tls: NonNullable<ServerConfig['tls']> },
): Promise<TlsSettings> => {
  const { certFile, keyFile, caFile } = config.tls;
  const cert = await readConfiguredFile(certFile, 'ssl/cert');
  const key = await readConfiguredFile(keyFile, 'ssl/key');
  const ca = caFile === undefined ? undefined : await readConfiguredFile(caFile, 'ssl/ca');
  const handshakeTimeoutMs = config.authTimeoutMs;
  const settings = { cert, key, handshakeTimeoutMs, ...(ca !== undefined && { ca }) };
  try {
    checkTlsSettings(settings);
  } catch (error) {
    throw new ConfigError(
      `${certFile} and ${keyFile} are no certificate and key that belong together ` +
        `(${(error as Error).message}); make new ones with: clacks cert`,
      { key: 'ssl', cause: error },
    );
  }
  return settings;
};
