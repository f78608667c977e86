import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import type { ConnectionOptions, SecureVersion } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../../test/support/certificate.ts';
import type { CertificateOptions } from '../../../../test/support/certificate.ts';
import { TestServer } from '../../../../test/support/test-server.ts';
import { newServerFiles } from './support.ts';

const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

/** Speaks that version only, with whatever ciphers there are, and tells how the handshake ended. */
const shake = async (port: number, version: SecureVersion): Promise<string> => {
  const options: ConnectionOptions = {
    host: '127.0.0.1',
    port,
    minVersion: version,
    maxVersion: version,
    ciphers: 'ALL:@SECLEVEL=0',
    rejectUnauthorized: false,
  };
  const socket = tls.connect(options);
  try {
    await once(socket, 'secureConnect');
    return socket.getProtocol() ?? '';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? '';
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
};

const shakeAll = async (port: number): Promise<string[]> => {
  const outcomes: string[] = [];
  for (const version of versions) outcomes.push(await shake(port, version));
  return outcomes;
};

const tooOld = 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION';
const onlyModern = [tooOld, tooOld, 'TLSv1.2', 'TLSv1.3'];

describe('TLS', () => {
  it('is spoken from version 1.2 on', async () => {
    const { cert, key } = await makeCertificate();
    const lax = tls.createServer({
      cert,
      key,
      minVersion: 'TLSv1',
      ciphers: 'ALL:@SECLEVEL=0',
    });
    await once(lax.listen(0, '127.0.0.1'), 'listening');
    // This client does speak the old ones.
    expect(await shakeAll((lax.address() as AddressInfo).port)).toEqual(versions);
    lax.close();
    await using server = await TestServer.start();
    expect(await shakeAll(server.port)).toEqual(onlyModern);
  });

  it.each([['--tls-min-v1.0'], ['--tls-min-v1.0 --tls-cipher-list=ALL:@SECLEVEL=0']])(
    'is not weakened by NODE_OPTIONS=%s',
    async (options) => {
      const { directory, config } = await newServerFiles(await makeCertificate());
      const script = `
      import { Server } from ${JSON.stringify(import.meta.resolve('clacks'))};
      const server = new Server({ config: ${JSON.stringify(config)} });
      await server.start();
      console.log(server.address[0].port);`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        env: { ...process.env, NODE_OPTIONS: options },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(child, 'exit');
      try {
        const [port] = (await once(child.stdout, 'data')) as [Buffer];
        expect(await shakeAll(Number(port))).toEqual(onlyModern);
        const weak = tls.connect({
          host: '127.0.0.1',
          port: Number(port),
          maxVersion: 'TLSv1.2',
          // No encryption with authentication: what only a weakened server takes.
          ciphers: 'ECDHE-ECDSA-NULL-SHA:NULL:@SECLEVEL=0',
          rejectUnauthorized: false,
        });
        const [error] = (await once(weak, 'error')) as [NodeJS.ErrnoException];
        expect(error.code).toMatch(/HANDSHAKE_FAILURE/u);
      } finally {
        child.kill();
        await exited;
        await rm(directory, { recursive: true });
      }
    },
  );
});

describe('a certificate that is too weak', () => {
  const startWith = async (options: CertificateOptions) => {
    const pair = await makeCertificate('localhost', options);
    const { server, directory } = await newServerFiles(pair);
    try {
      await server.start();
    } finally {
      await server.stop();
      await rm(directory, { recursive: true });
    }
  };

  it('because of a short key is refused, with advice', async () => {
    await expect(startWith({ rsaBits: 1024 })).rejects.toMatchObject({
      code: 'CLACKS_ERR_CONFIG',
      key: 'ssl',
      message: expect.stringMatching(
        /server\.crt cannot be used: the key is too short to be safe: RSA needs 2048 bits; make new ones with: clacks cert$/u,
      ) as string,
    });
    await startWith({ rsaBits: 2048 });
  });

  it('because of its signature is refused, with advice', async () => {
    const ca = await makeCertificate('CA');
    await expect(startWith({ ca, algorithm: 'sha1' })).rejects.toMatchObject({
      code: 'CLACKS_ERR_CONFIG',
      message: expect.stringMatching(/signed with a hash that is not safe any more/u) as string,
    });
    await startWith({ ca });
  });
});

describe('a file of who signs client certificates', () => {
  it('without a certificate in it is an error', async () => {
    const files = await newServerFiles(await makeCertificate(), { caFile: 'ca.crt' });
    await writeFile(path.join(files.directory, 'ca.crt'), 'nothing');
    await expect(files.server.start()).rejects.toMatchObject({
      key: 'ssl/ca',
      message: expect.stringContaining('there is no certificate in') as string,
    });
    await rm(files.directory, { recursive: true });
  });
});
