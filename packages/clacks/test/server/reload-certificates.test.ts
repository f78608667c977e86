import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import tls from 'node:tls';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../../test/support/certificate.ts';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { TestServer } from '../../../../test/support/test-server.ts';
import { shownFingerprint, writeCertificate } from './reload-support.ts';

describe('certificates after a reload', () => {
  it('are those of the files as they are now, for new connections', async () => {
    await using server = await TestServer.start();
    const client = await RawClient.tls(server);
    await client.login();
    const before = await shownFingerprint(server);
    await writeCertificate(server);
    expect(await shownFingerprint(server)).toBe(before);
    expect(await server.server.reload()).toEqual({ changed: ['ssl'], needsRestart: [] });
    expect(await shownFingerprint(server)).not.toBe(before);
    expect(await client.fence()).toEqual([]);
    expect(await server.server.reload()).toEqual({ changed: [], needsRestart: [] });
  });

  it('are asked of clients from then on when there is an ssl/ca', async () => {
    await using server = await TestServer.start();
    const sensor = await makeCertificate('sensor');
    await writeFile(path.join(server.directory, 'ca.crt'), sensor.cert);
    const xml = path.join(server.directory, 'server.xml');
    await writeFile(
      xml,
      `<clacks username="admin" password="adminpass" port="0" ip="127.0.0.1" socket="clacks.sock">
        <ssl cert="server.crt" key="server.key" ca="ca.crt"/></clacks>`,
    );
    const before = await RawClient.tls(server);
    const [session] = (await once(before.socket, 'session')) as [Buffer];
    await server.server.reload();
    await before.login();
    const options = { host: '127.0.0.1', port: server.port, ca: server.ca };
    const known = new RawClient(tls.connect({ ...options, ...sensor }));
    await known.login();
    // Not even to go on with a TLS session from before helps.
    for (const shown of [{}, { session }]) {
      const stranger = new RawClient(tls.connect({ ...options, ...shown }));
      expect(await stranger.closed()).toEqual([]);
    }
  });
});
