import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { Child } from '../../../../test/support/child.ts';
import { TestServer } from '../../../../test/support/test-server.ts';
import { childrenOf } from '../../../../test/support/processes.ts';
import { basic, HttpClient, startHttp } from './support.ts';
import type { Reply } from './support.ts';

const clacks = path.join(import.meta.dirname, '../../bin/clacks.js');

const ready = (client: HttpClient): Promise<Reply> =>
  client.request('/readyz', { headers: basic('admin') });

/** Asks until the node is ready, or no longer. */
const until = async (client: HttpClient, status: number): Promise<Reply> => {
  const reply = await ready(client);
  return reply.status === status ? reply : until(client, status);
};

it('a slave is ready when it knows what its master knows, and only as long as they are linked', async () => {
  await using master = await startHttp();
  const raw = await RawClient.login(master);
  raw.send('STORE a=1');
  await raw.fence();
  const { port } = master;
  await master.server.stop();
  await using slave = await startHttp(
    `<interclacksreconnecttimeout>0.05</interclacksreconnecttimeout>
     <master><ip>127.0.0.1</ip><port>${port}</port></master>`,
  );
  const client = new HttpClient(slave);
  const before = await ready(client);
  expect(before.status).toBe(503);
  expect(JSON.parse(before.text)).toEqual({
    status: 'not ready',
    problems: ['not_synchronised'],
  });
  // Who is not logged in is told no reasons.
  expect(await client.request('/readyz')).toMatchObject({
    status: 503,
    text: '{"status":"not ready"}',
  });
  await master.restart();
  expect(JSON.parse((await until(client, 200)).text)).toEqual({ status: 'ready', problems: [] });
  await master.server.stop();
  await until(client, 503);
});

it('somebody can log in and look while a slave waits for its master', async () => {
  // It takes the connection, and says nothing.
  await using silent = await startHttp();
  const mute = net.createServer();
  await new Promise<void>((resolve) => {
    mute.listen(`${silent.directory}/mute.sock`, resolve);
  });
  await using slave = await startHttp(
    `<master><socket>${silent.directory}/mute.sock</socket></master>`,
  );
  const client = await HttpClient.login(slave);
  expect(await client.get('/api/overview')).toMatchObject({
    role: 'slave',
    isReady: false,
    problems: ['not_synchronised'],
  });
  expect((await client.request('/metrics')).status).toBe(200);
  await slave.server.stop();
  mute.close();
});

it('a node whose store cannot be written is not ready, until it can be', async () => {
  await using files = await TestServer.start();
  const config = path.join(files.directory, 'other.xml');
  const xml = `<clacks><socket>other.sock</socket><http><port>0</port></http>
    <username>admin</username><password>adminpass</password>
    <persistancefile>cache</persistancefile></clacks>`;
  await writeFile(config, xml, { mode: 0o600 });
  const server = new Child(clacks, ['server', config]);
  await server.waitFor(/Admin HTTP on http:\S+\n/u);
  const [base = ''] = /http:\S+/u.exec(server.output) ?? [];
  const client = await HttpClient.login(base);
  expect((await ready(client)).status).toBe(200);
  // What a full disk is to a program: its files cannot grow.
  const limitFiles = async (size: string): Promise<void> => {
    for (const pid of [server.pid, ...(await childrenOf(server.pid, 'store-process'))]) {
      await promisify(execFile)('prlimit', ['--pid', `${pid}`, `--fsize=${size}:`]);
    }
  };
  await limitFiles('100000');
  const body = { name: 'a', value: 'x'.repeat(500_000) };
  const written = await client.change('PUT', '/api/cache/value', body);
  expect(written.status).toBe(200);
  expect(JSON.parse(written.text)).toMatchObject({ isKept: false });
  const reply = await ready(client);
  expect(reply.status).toBe(503);
  expect(JSON.parse(reply.text)).toEqual({ status: 'not ready', problems: ['store_not_writable'] });
  expect(await client.metrics()).toContain('clacks_store_writable 0');
  await limitFiles('unlimited');
  await until(client, 200);
  expect(await client.metrics()).toContain('clacks_store_writable 1');
  await server.kill('SIGKILL');
});

it('a node that starts or stops is alive, and not ready', async () => {
  await using server = await startHttp('<persistancefile>cache</persistancefile>');
  const client = await HttpClient.login(server);
  const raw = await RawClient.login(server);
  // It does not take leave: the node waits for it.
  raw.socket.pause();
  raw.socket.removeAllListeners('end');
  const stopped = server.server.stop();
  const alive = await client.request('/healthz');
  expect(alive.status).toBe(200);
  const reply = await ready(client);
  expect(reply.status).toBe(503);
  expect((await client.request('/api/overview')).status).toBe(503);
  raw.destroy();
  await stopped;
  await expect(client.request('/healthz')).rejects.toThrow(/ECONNREFUSED/u);
});

it.each(['/healthz', '/readyz'])(
  'who asks for %s with HTTP/1.0 need not name the host, as load balancers do not',
  async (where) => {
    await using server = await startHttp();
    const socket = net.connect(server.server.httpAddress?.port ?? 0, '127.0.0.1');
    socket.write(`GET ${where} HTTP/1.0\r\n\r\n`);
    let answer = '';
    for await (const data of socket) answer += String(data);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /u);
  },
);
