import { generate } from 'selfsigned';

/** A self-signed certificate for localhost and its key, as PEM text. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

/** How a certificate is made, where it is not as usual. */
export interface CertificateOptions {
  /** Who signs it, if not itself. */
  readonly ca?: TestCertificate;
  /** The parts of its subject in their order, values escaped as in RFC 4514. */
  readonly subject?: readonly (readonly [type: string, value: string])[];
  /** From and until when it is valid, in days from now. Default: from now on, for a year. */
  readonly days?: readonly [from: number, until: number];
  /** An RSA key of so many bits in place of one on the curve P-256. */
  readonly rsaBits?: number;
  /** The hash that is signed. Default `sha256`. */
  readonly algorithm?: string;
}

const dayMs = 24 * 3600 * 1000;

/** Makes a new certificate. */
export const makeCertificate = async (
  commonName = 'localhost',
  { ca, subject = [['CN', commonName]], days, rsaBits, algorithm }: CertificateOptions = {},
): Promise<TestCertificate> => {
  const parts = subject.map(([name, value]) => ({ name, value }));
  const { cert, private: key } = await generate(parts, {
    algorithm: algorithm ?? 'sha256',
    keyType: rsaBits === undefined ? 'ec' : 'rsa',
    ...(rsaBits !== undefined && { keySize: rsaBits }),
    ...(ca !== undefined && { ca }),
    ...(days !== undefined && {
      notBeforeDate: new Date(Date.now() + days[0] * dayMs),
      notAfterDate: new Date(Date.now() + days[1] * dayMs),
    }),
    extensions: [
      { name: 'basicConstraints', cA: ca === undefined },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { cert, key };
};
