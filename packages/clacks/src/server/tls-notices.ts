import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
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
 * can read. Files that cannot be used are told of by whoever uses them.
 */
export const tlsNotices = async (tls: TlsFiles | undefined): Promise<string[]> => {
  if (tls === undefined) return [];
  const notices: (string | undefined)[] = [];
  try {
    const pem = await readFile(tls.certFile, 'utf8');
    notices.push(validityNotice(tls.certFile, pem, Date.now()));
  } catch {
    // It is read again, and then that is an error with advice.
  }
  const mode = await modeOpenToOthers(tls.keyFile);
  if (mode !== undefined) {
    notices.push(
      `others can read the private key ${tls.keyFile} (mode ${mode}): chmod 600 ${tls.keyFile}`,
    );
  }
  return notices.filter((notice) => notice !== undefined);
};
