import { readFile } from 'node:fs/promises';
import { ConfigError } from '../config/config-error.ts';
import type { ServerConfig } from '../config/schema.ts';
import { checkCertificates, checkTlsSettings } from '../net/tls-settings.ts';
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

const checkCa = (ca: string, file = ''): void => {
  try {
    checkCertificates(ca);
  } catch (error) {
    const { message } = error as Error;
    throw new ConfigError(`there is no certificate in ${file}: ${message}`, {
      key: 'ssl/ca',
      cause: error,
    });
  }
};

/** What is wrong with a certificate and its key, by the code of OpenSSL. */
const weaknesses: Readonly<Record<string, string>> = {
  ERR_SSL_EE_KEY_TOO_SMALL: 'the key is too short to be safe: RSA needs 2048 bits',
  ERR_SSL_CA_KEY_TOO_SMALL: 'the key of who signed it is too short to be safe: RSA needs 2048 bits',
  ERR_SSL_CA_MD_TOO_WEAK: 'it is signed with a hash that is not safe any more, such as SHA-1',
};

/**
 * Checks that certificate and key can be used together.
 *
 * @param key - What the configuration calls them.
 * @throws ConfigError if they are no PEM, do not belong together, or one of them is too weak.
 */
const checkPair = (
  settings: TlsSettings,
  { certFile, keyFile }: { readonly certFile: string; readonly keyFile: string },
  key: string,
): void => {
  try {
    checkTlsSettings(settings);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const weakness = weaknesses[code];
    throw new ConfigError(
      (weakness === undefined
        ? `${certFile} and ${keyFile} are no certificate and key that belong together (${message})`
        : `${certFile} cannot be used: ${weakness}`) + '; make new ones with: clacks cert',
      { key, cause: error },
    );
  }
};

/**
 * Reads a certificate and its key.
 *
 * @param section - What the configuration calls what they are for.
 * @throws ConfigError if a file cannot be read, is no PEM, the key does not fit the certificate, or
 * one of them is too weak.
 */
export const readCertificate = async (
  files: { readonly certFile: string; readonly keyFile: string },
  section: string,
): Promise<Pick<TlsSettings, 'cert' | 'key'>> => {
  const cert = await readConfiguredFile(files.certFile, `${section}/cert`);
  const key = await readConfiguredFile(files.keyFile, `${section}/key`);
  checkPair({ cert, key, isClientCertRequired: false, handshakeTimeoutMs: 0 }, files, section);
  return { cert, key };
};

/**
 * Reads the certificate and key of a configuration.
 *
 * @throws ConfigError if a file cannot be read, is no PEM, the key does not fit the certificate, or
 * one of them is too weak.
 */
export const readTlsSettings = async (
  config: ServerConfig & { readonly tls: NonNullable<ServerConfig['tls']> },
): Promise<TlsSettings> => {
  const { certFile, keyFile, caFile, requireClientCert } = config.tls;
  const cert = await readConfiguredFile(certFile, 'ssl/cert');
  const key = await readConfiguredFile(keyFile, 'ssl/key');
  const ca = caFile === undefined ? undefined : await readConfiguredFile(caFile, 'ssl/ca');
  const settings = {
    cert,
    key,
    handshakeTimeoutMs: config.authTimeoutMs,
    isClientCertRequired: requireClientCert,
    ...(ca !== undefined && { ca }),
  };
  checkPair(settings, config.tls, 'ssl');
  if (ca !== undefined) checkCa(ca, caFile);
  return settings;
};
