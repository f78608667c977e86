import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../../test/support/free-port.ts';
import type { TestServer } from '../../../../test/support/test-server.ts';
import { startHttp } from '../http/support.ts';
import { Sandbox, failure } from './sandbox.ts';
import { clientOf, httpUrlOf } from './top-support.ts';

let sandbox: Sandbox;
let server: TestServer;

beforeAll(async () => {
  sandbox = await Sandbox.create();
  server = await startHttp('', {}, `<http><port>${await freePort()}</port></http>`);
  sandbox.env['CLACKS_URL'] = `clacks+unix://admin:adminpass@${server.socketPath}`;
  sandbox.env['CLACKS_HTTP'] = httpUrlOf(server);
});
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const as = (name: string) => ({
  env: { CLACKS_URL: `clacks+unix://${name}:${name}pass@${server.socketPath}` },
});

interface Snapshot {
  readonly overview: { readonly name: string };
  readonly connections?: readonly { readonly name: string }[];
  readonly names?: readonly { readonly name: string; readonly signalsPerS: number }[];
  readonly nodes: { readonly links: readonly unknown[] };
}

describe('clacks top without a terminal', () => {
  it('prints once what it is, for people and as JSON', async () => {
    const client = await clientOf(server, 'steady');
    const text = await sandbox.run(['top']);
    expect({ code: text.code, stderr: text.stderr }).toEqual({ code: 0, stderr: '' });
    expect(text.stdout).toMatch(
      /^Clacks {2}ready {2}up [^]*\nconnections\nID +CLIENT [^]* steady +admin /u,
    );
    const { stdout } = await sandbox.run(['top', '--json']);
    const { overview, connections, nodes } = JSON.parse(stdout) as Snapshot;
    expect(overview.name).toBe('Clacks');
    expect(connections?.map(({ name }) => name)).toContain('steady');
    expect(nodes.links).toEqual([]);
    client.destroy();
  });

  it('counts signals by name in the second in which it looks', async () => {
    const client = await clientOf(server, 'sender');
    // What was counted before is told as long as it is of the last window.
    for (let rate = 0; rate === 0;) {
      const running = sandbox.start(['top', '--json']);
      let hasEnded = false;
      void running.ended.then(() => (hasEnded = true));
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- It changes meanwhile.
      while (!hasEnded) {
        client.send('SET counted=1');
        await client.fence();
      }
      const { names } = JSON.parse((await running.ended).stdout) as Snapshot;
      rate = names?.find(({ name }) => name === 'counted')?.signalsPerS ?? 0;
    }
    client.destroy();
  });

  it('shows what the user may see', async () => {
    const { stdout } = await sandbox.run(['top', '--json'], as('reader'));
    const reader = JSON.parse(stdout) as Snapshot;
    expect(reader.overview.name).toBe('Clacks');
    expect(reader.connections).toBeUndefined();
    expect(reader.names).toBeDefined();
    expect(await sandbox.run(['top'], as('writer'))).toEqual(
      failure(1, /refuses it to writer: .*permission read or manage/u),
    );
  });

  it('verifies the certificate of an admin HTTP with TLS', async () => {
    const tls = await startHttp('', {}, '<http><port>0</port><tls>1</tls></http>');
    await writeFile(sandbox.path('ca.crt'), tls.ca);
    await writeFile(sandbox.path('pw'), 'adminpass\n', { mode: 0o600 });
    const args = [
      'top',
      '--json',
      '--http',
      httpUrlOf(tls),
      '--user',
      'admin',
      '--password-file',
      'pw',
    ];
    const trusted = await sandbox.run([...args, '--ca', 'ca.crt']);
    const other = await sandbox.run(args);
    const pinned = await sandbox.run([...args, '--fingerprint', 'AB'.repeat(32)]);
    await tls[Symbol.asyncDispose]();
    expect(trusted.code).toBe(0);
    expect(other).toEqual(failure(1, /certificate of 127\.0\.0\.1:\d+ is not the expected one/u));
    expect(pinned).toEqual(failure(1, /certificate of 127\.0\.0\.1:\d+ is not the expected one/u));
  });

  it('says what is wrong with where it is, and tells no password', async () => {
    const run = (url: string, env: Record<string, string> = {}) =>
      sandbox.run(['top', '--http', url], { env });
    expect(await run('clacks://h')).toEqual(
      failure(2, /--http is no URL of an admin HTTP: expected/u),
    );
    expect(await run('nothing')).toEqual(failure(2, /--http is no URL: expected https/u));
    expect(await run('http://192.0.2.1:1')).toEqual(
      failure(2, /--http has no TLS, and is not of/u),
    );
    expect(await run('http://127.0.0.1:1/x')).toEqual(failure(2, /--http has more than a host/u));
    const secret = await run('http://u:secret@127.0.0.1:1');
    expect(secret).toEqual(failure(2, /--http holds a login, which belongs to --user/u));
    expect(secret.stderr).not.toContain('secret');
    expect(await sandbox.run(['top'], { env: { CLACKS_HTTP: '' } })).toEqual(
      failure(2, /admin HTTP of the server is not known: give --http, or CLACKS_HTTP/u),
    );
  });

  it('lends a password to the admin HTTP of its own server only', async () => {
    // A URL of a unix socket says nothing about a port, which anybody of the machine may have.
    const result = await sandbox.run(['top', '--http', httpUrlOf(server), '--user', 'admin']);
    expect(result).toEqual(failure(2, /No password for admin at 127\.0\.0\.1:\d+/u));
    const own = await sandbox.run(['top', '--json', '--http', httpUrlOf(server)], {
      env: { CLACKS_URL: `clacks://admin:adminpass@127.0.0.1:${server.port}`, CLACKS_HTTP: '' },
    });
    expect(own.code).toBe(0);
  });

  it('says when nobody, or something else, is there, and when the login is refused', async () => {
    const wrong = await sandbox.run(['top'], {
      env: { CLACKS_URL: `clacks+unix://admin:wrong@${server.socketPath}` },
    });
    expect(wrong).toEqual(failure(1, /refuses it to admin: Wrong username or password/u));
    const env = { CLACKS_HTTP: `http://127.0.0.1:${await freePort()}` };
    expect(await sandbox.run(['top'], { env })).toEqual(failure(1, /No server at .*ECONNREFUSED/u));
    // No TLS there: what OpenSSL says of that is one line, like all errors.
    const tls = await sandbox.run(['top', '--insecure'], {
      env: { CLACKS_HTTP: httpUrlOf(server).replace('http:', 'https:') },
    });
    expect(tls).toEqual(failure(1, /No server at .*: wrong version number; /u));
    const other = http.createServer((_, response) => response.end('<html>')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const html = await sandbox.run(['top'], { env: { CLACKS_HTTP: `http://127.0.0.1:${port}` } });
    expect(html).toEqual(failure(1, /is no admin HTTP of a clacks server/u));
    other.close();
  });

  it('says when answers are not those of a server, or do not come', async () => {
    const session = { username: 'admin', read: true, write: true, manage: true };
    const bodies: Readonly<Record<string, string>> = {
      '/api/session': JSON.stringify(session),
      '/api/overview': '{}',
    };
    const other = http.createServer((request, response) => {
      const body = bodies[request.url ?? ''];
      // Others are never answered.
      if (body !== undefined) response.end(body);
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const env = { CLACKS_HTTP: `http://127.0.0.1:${port}` };
    const none = await sandbox.run(['top', '--timeout', '0.5'], { env });
    expect(none).toEqual(failure(1, /is no admin HTTP of a clacks server/u));
    delete (bodies as Record<string, string>)['/api/session'];
    const silent = await sandbox.run(['top', '--timeout', '0.5'], { env });
    expect(silent).toEqual(failure(1, /No server at .*: no answer within 0\.5 s/u));
    other.closeAllConnections();
    other.close();
  });

  it('finds the server without a configuration by itself', async () => {
    const home = await Sandbox.create();
    const running = home.start(['server', '--port', '0']);
    await running.waitFor('stdout', /^Admin HTTP on /mu);
    const { code, stdout } = await home.run(['top', '--json']);
    expect(code).toBe(0);
    expect(stdout).toContain('"name":"clacks http"');
    await home[Symbol.asyncDispose]();
  });
});
