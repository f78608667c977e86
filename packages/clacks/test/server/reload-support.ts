import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import tls from 'node:tls';
import type { ReloadResult } from 'clacks';
import { makeCertificate } from '../../../../test/support/certificate.ts';
import type { TestCertificate } from '../../../../test/support/certificate.ts';
import type { TestLog } from '../../../../test/support/log.ts';
import { TestServer } from '../../../../test/support/test-server.ts';

export const kib = 1024;

/** A `<user>` with those permissions. */
export const user = (name: string, password: string, ...permissions: string[]): string =>
  `<user><username>${name}</username><password>${password}</password>${permissions
    .map((permission) => `<${permission}>1</${permission}>`)
    .join('')}</user>`;

export const startLogged = (log: TestLog, xml = ''): Promise<TestServer> =>
  TestServer.start({ xml, logger: log.logger });

/** Reloads with other elements in the configuration. */
export const reload = async (server: TestServer, xml: string): Promise<ReloadResult> => {
  await server.configure(xml);
  return server.server.reload();
};

/** Why the next connection was closed. */
export const reasonOf = async (log: TestLog): Promise<unknown> =>
  (await log.next(/^connection closed$/u))['reason'];

/** The fingerprint of the certificate that the server shows to a new connection. */
export const shownFingerprint = async (server: TestServer): Promise<string> => {
  const socket = tls.connect({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
};

/** Puts another certificate and key in place of the server's. */
export const writeCertificate = async (server: TestServer): Promise<TestCertificate> => {
  const made = await makeCertificate();
  await writeFile(path.join(server.directory, 'server.crt'), made.cert);
  await writeFile(path.join(server.directory, 'server.key'), made.key);
  return made;
};
