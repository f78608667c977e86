import { once } from 'node:events';
import tls from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { connect } from '@clacks/client';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../../test/support/certificate.ts';
import type { TestCertificate } from '../../../../test/support/certificate.ts';
import { TestLog } from '../../../../test/support/log.ts';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { TestServer } from '../../../../test/support/test-server.ts';
import type { TestServerOptions } from '../../../../test/support/test-server.ts';

const house = (commonName: string) =>
  [
    ['CN', commonName],
    ['O', 'House'],
  ] as const;

const users = `
  <user username="sensor" certsubject="CN=sensor,O=House" read="1" write="1"/>
  <user username="twin" certsubject="CN=sensor,O=House" read="1"/>
  <user username="both" password="secret" certsubject="CN=sensor,O=House" read="1"/>
  <user username="reader" password="secret" read="1"/>`;

let ca: TestCertificate;
let sensor: TestCertificate;
let other: TestCertificate;
let stranger: TestCertificate;
let expired: TestCertificate;

beforeAll(async () => {
  ca = await makeCertificate('House CA');
  sensor = await makeCertificate('', { ca, subject: house('sensor') });
  other = await makeCertificate('', { ca, subject: house('other') });
  // The same subject, but nobody we know has signed it.
  stranger = await makeCertificate('', { subject: house('sensor') });
  expired = await makeCertificate('', { ca, subject: house('sensor'), days: [-2, -1] });
});

const start = (isRequired: boolean, more: TestServerOptions = {}): Promise<TestServer> =>
  TestServer.start({
    files: { 'ca.crt': ca.cert },
    ssl: isRequired ? 'ca="ca.crt"' : 'ca="ca.crt" requireclientcert="0"',
    xml: users,
    ...more,
  });

const open = (server: TestServer, options: ConnectionOptions = {}): RawClient =>
  new RawClient(tls.connect({ host: '127.0.0.1', port: server.port, ca: server.ca, ...options }));

const loginWith = async (
  server: TestServer,
  certificate: ConnectionOptions,
  username: string,
  password = '',
): Promise<string[]> => {
  const client = open(server, certificate);
  await client.login(username, password);
  const lines = await client.fence();
  client.destroy();
  return lines;
};

describe('login by certificate', () => {
  it('lets its owner in without a password, under the names that are given to it', async () => {
    await using server = await start(true);
    expect(await loginWith(server, sensor, 'sensor')).toEqual([]);
    expect(await loginWith(server, sensor, 'sensor', 'whatever')).toEqual([]);
    expect(await loginWith(server, sensor, 'twin')).toEqual([]);
    const client = open(server, sensor);
    await client.login('twin', '');
    client.send('STORE x=1');
    expect(await client.fence()).toEqual(['OVERHEAD E permission_denied']);
  });

  it('lets nobody else in, and nobody under a name that is not of the certificate', async () => {
    await using server = await start(false);
    const refused = 'Login failed!';
    for (const [certificate, username, password] of [
      [{}, 'sensor', ''],
      [other, 'sensor', ''],
      [other, 'sensor', 'adminpass'],
      [sensor, 'admin', ''],
      [sensor, 'reader', ''],
      [sensor, 'CN=sensor,O=House', ''],
    ] as const) {
      await expect(loginWith(server, certificate, username, password)).rejects.toThrow(refused);
    }
    const onUnixSocket = await RawClient.unix(server);
    await expect(onUnixSocket.login('sensor', '')).rejects.toThrow(refused);
  });

  it('together with a password needs both', async () => {
    await using server = await start(false);
    expect(await loginWith(server, sensor, 'both', 'secret')).toEqual([]);
    for (const [certificate, password] of [
      [sensor, ''],
      [sensor, 'wrong'],
      [other, 'secret'],
      [{}, 'secret'],
    ] as const) {
      await expect(loginWith(server, certificate, 'both', password)).rejects.toThrow('failed');
    }
  });

  it('is what the client library does without a password', async () => {
    await using server = await start(true);
    const tlsOptions = { ca: server.ca, cert: sensor.cert, key: sensor.key };
    const client = await connect({ port: server.port, username: 'sensor', tls: tlsOptions });
    await client.store('x', '1');
    expect(await client.retrieve('x')).toBe('1');
    await client.close();
    await expect(
      connect({ port: server.port, username: 'admin', tls: tlsOptions }),
    ).rejects.toMatchObject({ code: 'CLACKS_ERR_LOGIN_FAILED' });
    const { ca: trusted } = tlsOptions;
    for (const options of [
      { port: server.port, tls: { ca: trusted } },
      { path: server.socketPath, tls: tlsOptions },
    ]) {
      await expect(connect({ username: 'sensor', ...options })).rejects.toThrow(
        /^username and password are needed to connect, or tls\.cert/u,
      );
    }
  });
});

describe('a client certificate', () => {
  it('that is required and not there, or not of ours, is refused, and the log says why', async () => {
    const log = new TestLog();
    await using server = await start(true, { logger: log.logger });
    for (const [certificate, reason] of [
      [{}, /peer did not return a certificate/u],
      [stranger, /certificate is not accepted: DEPTH_ZERO_SELF_SIGNED_CERT/u],
      [expired, /certificate is not accepted: CERT_HAS_EXPIRED/u],
    ] as const) {
      expect(await open(server, certificate).closed()).toEqual([]);
      expect((await log.next(/handshake failed/u))['reason']).toMatch(reason);
    }
  });

  it('may be left out where it is optional, but one that is not of ours is refused', async () => {
    const log = new TestLog();
    await using server = await start(false, { logger: log.logger });
    expect(await loginWith(server, {}, 'reader', 'secret')).toEqual([]);
    expect(await loginWith(server, other, 'reader', 'secret')).toEqual([]);
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      for (const certificate of [stranger, expired]) {
        expect(await open(server, { ...certificate, maxVersion }).closed()).toEqual([]);
        expect((await log.next(/handshake failed/u))['reason']).toMatch(
          /\(CN=sensor,O=House\) is not accepted/u,
        );
      }
    }
  });

  it('is told to a custom authenticator, unless there is none', async () => {
    const seen: (string | undefined)[] = [];
    await using server = await start(false, {
      authenticate: (_username, _password, { certificateSubject }) => {
        seen.push(certificateSubject);
        return { read: true, write: true, manage: false, interclacks: false };
      },
    });
    await loginWith(server, sensor, 'x');
    await loginWith(server, {}, 'x');
    expect(seen).toEqual(['CN=sensor,O=House', undefined]);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'is shown on every connection: %s sessions are not resumed',
    async (version) => {
      const isResumed = async (server: TestServer, certificate: ConnectionOptions) => {
        const options = { ...certificate, minVersion: version, maxVersion: version };
        const first = tls.connect({
          host: '127.0.0.1',
          port: server.port,
          ca: server.ca,
          ...options,
        });
        const sessions: Buffer[] = [];
        first.on('session', (session) => sessions.push(session));
        const client = new RawClient(first);
        await client.login('reader', 'secret');
        await client.fence();
        client.destroy();
        const session = sessions.at(-1) ?? first.getSession();
        const again = tls.connect({
          host: '127.0.0.1',
          port: server.port,
          ca: server.ca,
          ...options,
          ...(session !== undefined && { session }),
        });
        await once(again, 'secureConnect');
        const isReused = again.isSessionReused();
        again.destroy();
        return isReused;
      };
      await using withCa = await start(false);
      await using without = await TestServer.start({
        xml: '<user username="reader" password="secret"/>',
      });
      expect(await isResumed(without, {})).toBe(true);
      expect(await isResumed(withCa, sensor)).toBe(false);
      expect(await isResumed(withCa, {})).toBe(false);
    },
  );
});
