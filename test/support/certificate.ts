import { generate } from 'selfsigned';

/** A self-signed certificate for localhost and its key, as PEM text. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Makes a new certificate. */
export const makeCertificate = async (commonName = 'localhost'): Promise<TestCertificate> => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: commonName }], {
    algorithm: 'sha256',
    keyType: 'ec',
    extensions: [
      { name: 'basicConstraints', cA: true },
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
