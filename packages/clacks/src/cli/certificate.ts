import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { fileMode, replaceFile } from './private-files.ts';

/** A certificate and its key, as PEM text. */
export interface CertificatePair {
  readonly certificate: string;
  readonly key: string;
  /** The certificate's SHA-256 fingerprint, as `AB:CD:…`. */
  readonly fingerprint: string;
}

/** Where a certificate and its key are. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

const dayMs = 24 * 3600 * 1000;
/** Clocks of other machines may be behind. */
const clockSkewMs = dayMs;

const isIp = (name: string): boolean => name.includes(':') || /^\d+(?:\.\d+){3}$/u.test(name);

/** The names that every server here can be reached by: this machine's. */
export const localNames = (): string[] => [
  ...new Set(['localhost', '127.0.0.1', '::1', hostname()]),
];

/**
 * Makes a self-signed certificate: for servers, on the curve P-256, and not able to sign others.
 *
 * @param names - Host names and IP addresses that it is good for.
 * @param days - How long it is valid.
 */
export const makeCertificate = async (
  names: readonly string[],
  days: number,
): Promise<CertificatePair> => {
  // Loaded here since it takes longer than most commands take as a whole.
  const { generate } = await import('selfsigned');
  const now = Date.now();
  const subject = [{ name: 'commonName', value: 'Clacks' }];
  const pair = await generate(subject, {
    algorithm: 'sha256',
    keyType: 'ec',
    notBeforeDate: new Date(now - clockSkewMs),
    notAfterDate: new Date(now + days * dayMs),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [...new Set(names)].map((name) =>
          isIp(name) ? { type: 7, ip: name } : { type: 2, value: name },
        ),
      },
    ],
  });
  const { fingerprint256 } = new X509Certificate(pair.cert);
  return { certificate: pair.cert, key: pair.private, fingerprint: fingerprint256 };
};

/** The files of a certificate in a directory: `NAME.crt` and `NAME.key`. */
export const certificateFiles = (directory: string, name: string): CertificateFiles => ({
  certificate: path.join(directory, `${name}.crt`),
  key: path.join(directory, `${name}.key`),
});

/**
 * Writes a certificate for everybody, and its key for the owner only. The key comes first: a
 * certificate without a key would be served to nobody.
 */
export const writeCertificate = async (
  files: CertificateFiles,
  pair: CertificatePair,
): Promise<void> => {
  await replaceFile(files.key, pair.key, fileMode.owner);
  await replaceFile(files.certificate, pair.certificate, fileMode.everybody);
};

/** Whether a certificate file can be read and is valid now. */
export const isCurrentCertificate = async (file: string): Promise<boolean> => {
  try {
    const certificate = new X509Certificate(await readFile(file));
    return Date.parse(certificate.validTo) > Date.now();
  } catch {
    // Missing or broken: either way a new one is due.
    return false;
  }
};
