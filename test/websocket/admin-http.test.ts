import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { RawClient } from '../support/raw-client.ts';
import { TestServer } from '../support/test-server.ts';
import { FrameClient, refusal, statusFor } from './support.ts';

const http = '<http port="0"/>';
const onHttp = `${http}<websocket http="1"/>`;

const start = (xml: string): Promise<TestServer> => TestServer.start({ xml });

/** Where the admin HTTP of a server is. */
const baseOf = (server: TestServer): string => {
  const { host = '', port = 0 } = server.server.httpAddress ?? {};
  return `http://${host}:${port}`;
};

const statusOf = async (url: string): Promise<number> => (await fetch(url)).status;

describe('a WebSocket on the admin HTTP', () => {
  it('is at /clacks, and one like those with a port of their own', async () => {
    await using server = await start(onHttp);
    const base = baseOf(server);
    expect(server.webSocketUrl).toBe(`${base.replace('http:', 'ws:')}/clacks`);
    expect(server.server.address.map(({ transport }) => transport)).toEqual([
      'tls',
      'unix',
      'websocket',
    ]);
    const raw = await RawClient.login(server);
    raw.send('LISTEN Kitchen::temperature');
    await raw.fence();
    const client = await RawClient.webSocket(server);
    await client.login();
    client.send('SET Kitchen::temperature=21', 'STORE a=1', 'RETRIEVE a');
    expect(await client.fence()).toEqual(['RETRIEVED a=1']);
    expect(await raw.fence()).toEqual(['SET Kitchen::temperature=21']);
    expect(server.server.statistics?.connections.accepted).toMatchObject({ websocket: 1, http: 0 });
    raw.destroy();
    client.destroy();
  });

  it('leaves the admin HTTP as it is, and is nowhere else on it', async () => {
    await using server = await start(onHttp);
    const base = baseOf(server);
    expect(await statusOf(`${base}/healthz`)).toBe(200);
    expect(await statusOf(`${base}/api/overview`)).toBe(401);
    for (const other of ['/', '/api/stream', '/clacks/']) {
      const { status } = await refusal(`${base.replace('http:', 'ws:')}${other}`);
      expect([other, status]).toEqual([other, 404]);
    }
  });

  it('is not there unless it is configured', async () => {
    await using server = await start(http);
    expect(server.webSocketUrl).toBe('');
    const { status } = await refusal(`${baseOf(server).replace('http:', 'ws:')}/clacks`);
    expect(status).toBe(404);
  });

  it('is over TLS where the admin HTTP is', async () => {
    await using server = await start('<http port="0" tls="1"/><websocket http="1"/>');
    expect(server.webSocketUrl).toMatch(/^wss:\/\/127\.0\.0\.1:\d+\/clacks$/u);
    const client = await RawClient.webSocket(server);
    await client.login();
    client.destroy();
  });

  it('is for pages of the host that they ask, or of the origins of the configuration', async () => {
    await using server = await start(onHttp);
    expect(await statusFor(server, baseOf(server))).toBe(101);
    expect(await statusFor(server, 'http://evil.example')).toBe(403);
    await using other = await start(`${http}<websocket http="1" origin="https://house.example"/>`);
    expect(await statusFor(other, 'https://house.example')).toBe(101);
    expect(await statusFor(other, baseOf(other))).toBe(403);
  });

  it('needs a login in the protocol, whoever is logged in to the admin HTTP', async () => {
    await using server = await start(`${onHttp}<authtimeout>1</authtimeout>`);
    const login = await fetch(`${baseOf(server)}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-clacks': '1' },
      body: JSON.stringify({ username: 'admin', password: 'adminpass' }),
    });
    const [cookie = ''] = login.headers.getSetCookie();
    expect(login.status).toBe(200);
    const client = await RawClient.webSocket(server, { headers: { cookie } });
    client.send('STORE a=1', 'QUIT');
    await client.closed();
    const raw = await RawClient.login(server);
    raw.send('RETRIEVE a');
    expect(await raw.fence()).toEqual(['NOTRETRIEVED a']);
    raw.destroy();
  });

  it('counts for the most connections, which requests do not', async () => {
    await using server = await start(`${onHttp}<maxconnectionsperhost>1</maxconnectionsperhost>`);
    const first = await FrameClient.login(server);
    await expect(FrameClient.open(server)).rejects.toThrow();
    expect(server.server.statistics?.connections.refused.maxConnectionsPerHost).toBe(1);
    expect(await statusOf(`${baseOf(server)}/healthz`)).toBe(200);
    first.webSocket.terminate();
    await first.closed();
  });

  it('takes no room of those who look at the admin HTTP', async () => {
    await using server = await start(onHttp);
    // That is as many connections as the admin HTTP has at a time.
    const clients = await Promise.all(Array.from({ length: 256 }, () => FrameClient.open(server)));
    expect(await statusOf(`${baseOf(server)}/healthz`)).toBe(200);
    for (const { webSocket } of clients) webSocket.terminate();
  });

  it('is closed with a farewell when the server stops', async () => {
    await using server = await start(onHttp);
    const client = await FrameClient.login(server);
    await server.server.stop();
    expect(await client.closed()).toBe(1000);
    expect(client.text.endsWith('\r\nQUIT\r\n')).toBe(true);
  });

  it('waits until the server serves others as well', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
    const port = await freePort();
    const pipe = path.join(directory, 'pipe');
    await promisify(execFile)('mkfifo', [pipe]);
    // It is over when something is written to the pipe.
    const starting = start(
      `<http port="${port}"/><websocket http="1"/><socketcommands>cat ${pipe}</socketcommands>`,
    );
    const base = `http://127.0.0.1:${port}`;
    const isAlive = (): Promise<boolean> => statusOf(`${base}/healthz`).then(Boolean, () => false);
    while (!(await isAlive()));
    const webSocketUrl = `${base.replace('http:', 'ws:')}/clacks`;
    let isOpen = false;
    const opening = FrameClient.open({ webSocketUrl, ca: '' }).finally(() => {
      isOpen = true;
    });
    expect(await statusOf(`${base}/readyz`)).toBe(503);
    expect(isOpen).toBe(false);
    await writeFile(pipe, '');
    await using server = await starting;
    const client = await opening;
    await client.waitFor('OVERHEAD M Authentication required\r\n');
    client.webSocket.terminate();
    expect(server.webSocketUrl).toBe(webSocketUrl);
    await rm(directory, { recursive: true });
  });
});
