import { X509Certificate } from 'node:crypto';
import { modeOpenToOthers } from '../config/private-file.ts';
import type { TlsFiles } from '../config/schema.ts';
import { subjectOf } from '../net/certificate-subject.ts';

const validityNotice = (file: string, pem: string, nowMs: number): string | undefined => {
  const parsed = new X509Certificate(pem);
  const { validFrom, validTo } = parsed;
  const certificate = `the certificate ${file} (${subjectOf(parsed) ?? 'no subject'})`;
  const day = (date: string): string => new Date(date).toISOString();
  const mend = 'clients that check it do not connect; make a new one with: clacks cert';
  if (Date.parse(validTo) < nowMs) return `${certificate} has expired on ${day(validTo)}: ${mend}`;
  if (Date.parse(validFrom) <= nowMs) return undefined;
  return `${certificate} is not valid before ${day(validFrom)}: ${mend}, or set the clock`;
};

/**
 * What an operator should know of certificate and key: one that is not valid now, a key that others
 * can read.
 *
 * @param cert - What is in the certificate's file.
 */
export const tlsNotices = async (
  { certFile, keyFile }: TlsFiles,
  cert: string,
): Promise<string[]> => {
  const mode = await modeOpenToOthers(keyFile);
  const notices = [
    validityNotice(certFile, cert, Date.now()),
    mode && `others can read the private key ${keyFile} (mode ${mode}): chmod 600 ${keyFile}`,
  ];
  return notices.filter((notice) => notice !== undefined);
};
