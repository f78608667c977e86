import { X509Certificate, constants, createPrivateKey } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { TlsOptions } from 'node:tls';

/** What TLS listeners need. Keys and certificates are PEM text. */
export interface TlsSettings {
  readonly cert: string;
  readonly key: string;
  /** Certificates of those who may sign client certificates; without it, clients need none. */
  readonly ca?: string;
  /** Whether clients must show one that `ca` signed; else they may, but no other one. */
  readonly isClientCertRequired: boolean;
  /** How long a handshake may take, in ms. */
  readonly handshakeTimeoutMs: number;
}

/**
 * How strong connections are at least: TLS 1.2 and the ciphers of Node. Both are written out, since
 * options of Node (`--tls-min-v1.0`, `--tls-cipher-list`) change what it takes by itself. Level 2
 * refuses keys below 112 bits of security (RSA below 2048 bits) and signatures with MD5 or SHA-1,
 * also in certificates; some versions of Node take those by themselves.
 */
const strength = {
  minVersion: 'TLSv1.2',
  ciphers: `${constants.defaultCoreCipherList}:@SECLEVEL=2`,
} as const;

/** What a TLS server is made with. */
export const tlsServerOptions = (settings: TlsSettings): TlsOptions => {
  const { cert, key, ca, isClientCertRequired, handshakeTimeoutMs } = settings;
  return {
    ...strength,
    cert,
    key,
    handshakeTimeout: handshakeTimeoutMs,
    ...(ca !== undefined && {
      ca,
      requestCert: true,
      rejectUnauthorized: isClientCertRequired,
      // Who resumes a session shows no certificate: one that has expired, or that the next
      // configuration does not trust, would be good for ever.
      secureOptions: constants.SSL_OP_NO_TICKET,
    }),
  };
};

/**
 * Checks that certificate and key belong together. OpenSSL takes a key of another kind (RSA beside
 * EC) without complaint, and then no handshake comes about.
 *
 * @throws Error if not, or if one of them is none.
 */
export const checkKeyPair = (cert: string, key: string): void => {
  if (new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) return;
  throw new Error('the key is of another certificate');
};

/**
 * Checks that certificate and key can be used, belong together, and are strong enough.
 *
 * @throws Error of OpenSSL if not.
 */
export const checkTlsSettings = ({ cert, key, ca }: TlsSettings): void => {
  createSecureContext({ ...strength, cert, key, ...(ca !== undefined && { ca }) });
  checkKeyPair(cert, key);
};

/**
 * Checks that there are certificates in a text. OpenSSL takes any text without complaint.
 *
 * @throws Error of OpenSSL if there is none.
 */
export const checkCertificates = (pem: string): void => {
  new X509Certificate(pem);
};
