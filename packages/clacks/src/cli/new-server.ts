import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { certificateFiles, localNames, makeCertificate, writeCertificate } from './certificate.ts';
import type { CertificateFiles } from './certificate.ts';
import { formatConfig } from './config-template.ts';
import { fileMode, makePrivateDirectory, refuseToOverwrite, replaceFile } from './private-files.ts';

/** How long certificates are valid that are made along the way, in days. */
export const defaultDays = 3650;

/** The base name of certificate and key, unless another is asked for. */
export const defaultCertificateName = 'server';

const mainUser = 'clacks';

/** The files of a new server. */
export interface ServerFiles {
  readonly directory: string;
  readonly config: string;
  readonly certificate: CertificateFiles;
  /** The password alone, for `--password-file`. */
  readonly password: string;
}

/** What {@link writeNewServer} made. */
export interface NewServer {
  readonly username: string;
  readonly password: string;
  readonly fingerprint: string;
}

/** Where the files of a server are. */
export const serverFiles = (directory: string): ServerFiles => ({
  directory,
  config: path.join(directory, 'clacks.xml'),
  certificate: certificateFiles(directory, defaultCertificateName),
  password: path.join(directory, 'password'),
});

/**
 * Makes everything that a server needs: configuration, certificate, key and a random password. The
 * configuration comes last: where there is one, there is everything.
 *
 * @throws CommandError if one of the files is there already.
 */
export const writeNewServer = async (
  files: ServerFiles,
  { ips, port }: { readonly ips: readonly string[]; readonly port: number },
): Promise<NewServer> => {
  const { directory, config, certificate, password: passwordFile } = files;
  await makePrivateDirectory(directory);
  await refuseToOverwrite(
    [config, certificate.certificate, certificate.key, passwordFile],
    'choose another directory, or move it away',
  );
  const pair = await makeCertificate([...localNames(), ...ips], defaultDays);
  // 24 bytes: nobody guesses them, and in base64url nothing needs escaping anywhere.
  const password = randomBytes(24).toString('base64url');
  await writeCertificate(certificate, pair);
  await replaceFile(passwordFile, `${password}\n`, fileMode.owner);
  const template = {
    ips,
    port,
    username: mainUser,
    password,
    certificateName: defaultCertificateName,
  };
  await replaceFile(config, formatConfig(template), fileMode.owner);
  return { username: mainUser, password, fingerprint: pair.fingerprint };
};
