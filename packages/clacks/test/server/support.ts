import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Server } from 'clacks';
import type { ServerConfigInput, ServerOptions } from 'clacks';
import type { TestCertificate } from '../../../../test/support/certificate.ts';

/** A server on TLS that is not started, and its directory, which the test removes. */
export const newServerFiles = async (
  { cert, key }: TestCertificate,
  { caFile }: { readonly caFile?: string } = {},
  options: Omit<ServerOptions, 'config'> = {},
) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
  const [certFile, keyFile] = [
    path.join(directory, 'server.crt'),
    path.join(directory, 'server.key'),
  ];
  await writeFile(certFile, cert);
  await writeFile(keyFile, key, { mode: 0o600 });
  const config: ServerConfigInput = {
    ips: ['127.0.0.1'],
    port: 0,
    tls: {
      certFile,
      keyFile,
      ...(caFile !== undefined && { caFile: path.join(directory, caFile) }),
    },
    users: [{ username: 'admin', password: 'adminpass' }],
  };
  return { directory, keyFile, config, server: new Server({ config, ...options }) };
};
