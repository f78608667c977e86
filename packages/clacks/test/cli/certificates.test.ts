import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../../test/support/certificate.ts';
import { TestServer } from '../../../../test/support/test-server.ts';
import { Sandbox, failure, success } from './sandbox.ts';

let sandbox: Sandbox;
let server: TestServer;

beforeAll(async () => {
  sandbox = await Sandbox.create();
  const ca = await makeCertificate('House CA');
  const sensor = await makeCertificate('', { ca, subject: [['CN', 'sensor']] });
  server = await TestServer.start({
    files: { 'ca.crt': ca.cert },
    ssl: 'ca="ca.crt"',
    xml: '<user username="sensor" certsubject="CN=sensor" read="1" write="1"/>',
  });
  await writeFile(sandbox.path('other.key'), ca.key);
  await writeFile(sandbox.path('me.crt'), sensor.cert);
  await writeFile(sandbox.path('me.key'), sensor.key, { mode: 0o600 });
  sandbox.env['CLACKS_URL'] = `clacks://sensor@127.0.0.1:${server.port}`;
  sandbox.env['CLACKS_CA'] = path.join(server.directory, 'server.crt');
});
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const own = ['--cert', 'me.crt', '--key', 'me.key'];

describe('an own certificate', () => {
  it('is shown to the server, and takes the place of the password', async () => {
    expect(await sandbox.run([...own, 'store', 'a', '1'])).toEqual(success(''));
    expect(await sandbox.run(['retrieve', 'a', ...own])).toEqual(success('1\n'));
  });

  it('may be named by the environment', async () => {
    const env = { CLACKS_CERT: 'me.crt', CLACKS_KEY: 'me.key' };
    expect(await sandbox.run(['keys'], { env })).toEqual(success('a\n'));
  });

  it('may be named by the file that keeps the connection, beside it', async () => {
    const directory = sandbox.path('.config', 'clacks');
    await mkdir(directory, { recursive: true });
    for (const name of ['me.crt', 'me.key']) {
      await copyFile(sandbox.path(name), path.join(directory, name));
    }
    const { CLACKS_URL: url, CLACKS_CA: ca } = sandbox.env;
    const content = JSON.stringify({ url, ca, cert: 'me.crt', key: 'me.key' });
    await writeFile(path.join(directory, 'connection.json'), content, { mode: 0o600 });
    const env = { CLACKS_URL: '', CLACKS_CA: '' };
    expect(await sandbox.run(['keys'], { env })).toEqual(success('a\n'));
  });

  it('is shown by export, too', async () => {
    const env = { CLACKS_URL: `clacks://admin:adminpass@127.0.0.1:${server.port}` };
    const { code, stdout } = await sandbox.run(['export', ...own], { env });
    expect([code, stdout]).toEqual([0, expect.stringContaining('"name":"a"')]);
  });

  it('is missed where the server asks for one', async () => {
    const password = sandbox.path('password');
    await writeFile(password, 'x\n');
    expect(await sandbox.run(['keys', '--password-file', password])).toEqual(
      failure(1, /asks for a certificate: give --cert and --key/u),
    );
  });

  it.each([
    [['--cert', 'me.crt'], /--cert needs --key/u],
    [['--key', 'me.key'], /--key needs --cert/u],
    [['--cert', 'none.crt', '--key', 'me.key'], /certificate none\.crt cannot be read/u],
    [['--cert', 'me.crt', '--key', 'none.key'], /key none\.key cannot be read/u],
    [
      ['--cert', 'me.crt', '--key', 'other.key'],
      /me\.crt and other\.key are no certificate and key/u,
    ],
  ])('is checked before anything is done: %j', async (options, message) => {
    expect(await sandbox.run(['keys', ...options])).toEqual(failure(2, message));
  });
});
