import { chmod, rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../../test/support/certificate.ts';
import type { CertificateOptions } from '../../../../test/support/certificate.ts';
import { TestLog } from '../../../../test/support/log.ts';
import { newServerFiles } from './support.ts';

const warningsOf = async (options: CertificateOptions, keyMode = 0o600): Promise<unknown[]> => {
  const log = new TestLog();
  const pair = await makeCertificate('localhost', options);
  const { directory, keyFile, server } = await newServerFiles(pair, {}, { logger: log.logger });
  await chmod(keyFile, keyMode);
  await server.start();
  await server.stop();
  await rm(directory, { recursive: true });
  return log.entries.filter(({ level }) => level === 40).map(({ msg }) => msg);
};

describe('at the start the log warns of', () => {
  it('nothing, if all is well', async () => {
    expect(await warningsOf({})).toEqual([]);
  });

  it('a certificate that has expired, or is not valid yet', async () => {
    expect(await warningsOf({ days: [-2, -1] })).toEqual([
      expect.stringMatching(
        /the certificate .*server\.crt \(CN=localhost\) has expired on \d{4}-.*Z: .*make a new one with: clacks cert$/u,
      ),
    ]);
    expect(await warningsOf({ days: [1, 2] })).toEqual([
      expect.stringMatching(/server\.crt \(CN=localhost\) is not valid before .*clacks cert/u),
    ]);
  });

  it.skipIf(process.platform === 'win32')('a private key that others can read', async () => {
    expect(await warningsOf({}, 0o644)).toEqual([
      expect.stringMatching(
        /^others can read the private key .*server\.key \(mode 0644\): chmod 600 .*server\.key$/u,
      ),
    ]);
  });
});
