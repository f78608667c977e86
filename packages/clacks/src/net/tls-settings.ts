import { createSecureContext } from 'node:tls';

/** What TLS listeners need. Keys and certificates are PEM text. */
export interface TlsSettings {
  readonly cert: string;
  readonly key: string;
  /** Certificates of those who may sign client certificates; with it, clients must show one. */
  readonly ca?: string;
  /** How long a handshake may take, in ms. */
  readonly handshakeTimeoutMs: number;
}

/**
 * Checks that certificate and key can be used, and belong together.
 *
 * @throws Error of OpenSSL if not.
 */
export const checkTlsSettings = ({ cert, key, ca }: TlsSettings): void => {
  createSecureContext({ cert, key, ca });
};
