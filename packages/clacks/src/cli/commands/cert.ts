import path from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { expectedHost, isHost } from '../../config/checks.ts';
import { parseDays } from '../arguments.ts';
import { certificateFiles, localNames, makeCertificate, writeCertificate } from '../certificate.ts';
import { refuseConnectionOptions } from '../connection-options.ts';
import { defaultCertificateName, defaultDays } from '../new-server.ts';
import { printJson, write } from '../output.ts';
import { refuseToOverwrite } from '../private-files.ts';

interface CertOptions {
  readonly out: string;
  readonly name: string;
  readonly days: number;
  readonly force?: boolean;
  readonly json?: boolean;
}

const parseHosts = (text: string, before: readonly string[] | undefined): string[] => {
  if (!isHost(text)) throw new InvalidArgumentError(`Expected ${expectedHost}.`);
  return [...(before ?? []), text];
};

const parseFileName = (text: string): string => {
  if (text === '' || path.basename(text) !== text) {
    throw new InvalidArgumentError('Expected a file name without a directory; --out names that.');
  }
  return text;
};

const cert = async (hosts: readonly string[], options: CertOptions): Promise<void> => {
  const { out, name, days, force = false, json = false } = options;
  const files = certificateFiles(out, name);
  if (!force) {
    await refuseToOverwrite([files.certificate, files.key], 'replace it with --force');
  }
  const names = [...new Set([...localNames(), ...hosts])];
  const pair = await makeCertificate(names, days);
  await writeCertificate(files, pair);
  const { fingerprint } = pair;
  if (json) {
    printJson({ ...files, names, fingerprint });
    return;
  }
  write(
    `Made ${files.certificate} and ${files.key}, valid for ${days} days\n` +
      `Names: ${names.join(', ')}\n` +
      `Fingerprint (SHA-256): ${fingerprint}\n`,
  );
};

/** Adds `clacks cert`. */
export const addCertCommand = (program: Command): void => {
  program
    .command('cert')
    .description('make a self-signed certificate and its key')
    .argument('[host...]', 'host names and IP addresses, beside those of this machine', parseHosts)
    .option('--out <directory>', 'where to', '.')
    .option('--name <name>', 'write NAME.crt and NAME.key', parseFileName, defaultCertificateName)
    .option('--days <days>', 'how long it is valid', parseDays, defaultDays)
    .option('--force', 'replace files that are there')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
It is always good for localhost, 127.0.0.1, ::1 and the name of this machine. Clients trust exactly
this certificate with --ca NAME.crt, or with --fingerprint.

Examples:
  clacks cert
  clacks cert clacks.example.org 192.168.1.10 --name exampleserver --days 365`,
    )
    .action(async (hosts: readonly string[], options: CertOptions, command: Command) => {
      refuseConnectionOptions(command);
      await cert(hosts, options);
    });
};
