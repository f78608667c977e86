import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../support/certificate.ts';
import { TestLog } from '../support/log.ts';
import { RawClient } from '../support/raw-client.ts';
import { TestServer } from '../support/test-server.ts';
import {
  FrameClient,
  loginLine,
  plainWebSocket,
  refusal,
  statusFor,
  upgradeRequest,
} from './support.ts';

describe('a WebSocket', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start({
      xml: `${plainWebSocket}
        <user><username>reader</username><password>r</password><read>1</read></user>`,
    });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('carries the same lines as other connections, both ways', async () => {
    const page = await RawClient.webSocket(server);
    await page.login();
    const program = await RawClient.login(server);
    page.send('LISTEN x', 'STORE kept=1');
    await page.fence();
    program.send('SET x=hello', 'RETRIEVE kept');
    expect(await program.fence()).toEqual(['RETRIEVED kept=1']);
    expect(await page.fence()).toEqual(['SET x=hello']);
    program.send('LISTEN y');
    await program.fence();
    page.send('SET y=back');
    await page.fence();
    expect(await program.fence()).toEqual(['SET y=back']);
    page.destroy();
    program.destroy();
  });

  it('takes lines in text and binary frames, many in one, and cut anywhere', async () => {
    const client = await FrameClient.open(server);
    const { webSocket } = client;
    for (const character of `CLACKS cut\r\n${loginLine}`) webSocket.send(character);
    webSocket.send('');
    webSocket.send('STORE cut=grü');
    webSocket.send(Buffer.from('n\r\nSTORE other=\xff\x00\r\nRETRIEVE c', 'latin1'));
    webSocket.send('ut\r\nRETRIEVE other\r\nFLUSH ');
    webSocket.send('done\r');
    webSocket.send('\n');
    await client.waitFor('FLUSHED done\r\n');
    const text = Buffer.from('grün').toString('latin1');
    expect(client.text).toContain(`RETRIEVED cut=${text}\r\nRETRIEVED other=\xff\x00\r\n`);
    webSocket.terminate();
  });

  it('takes what was sent together with the request', async () => {
    const socket = net.connect(Number(new URL(server.webSocketUrl).port), '127.0.0.1');
    const lines = Buffer.from(`${loginLine}FLUSH early\r\n`);
    // Masked with 0, so that what is sent is what is meant.
    const frame = Buffer.concat([Buffer.from([0x82, 0x80 + lines.length, 0, 0, 0, 0]), lines]);
    socket.write(Buffer.concat([Buffer.from(upgradeRequest), frame]));
    let text = '';
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      text += chunk.toString('latin1');
      if (text.includes('FLUSHED early')) break;
    }
    expect(text).toMatch(/^HTTP\/1\.1 101 [^]*OVERHEAD O Welcome!/u);
  });

  it('sends what is longer than a frame, and takes it', async () => {
    const client = await RawClient.webSocket(server);
    await client.login();
    const value = 'x'.repeat(3 * 1024 * 1024);
    client.send(`STORE long=${value}`, 'RETRIEVE long');
    expect(await client.fence()).toEqual([`RETRIEVED long=${value}`]);
    client.destroy();
  });

  it('is a connection like others: in the list, with rights, for managers to close', async () => {
    const manager = await RawClient.login(server);
    const client = await RawClient.webSocket(server);
    await client.login('reader', 'r');
    client.send('SET x=1', 'OVERHEAD I 1', 'KEYSYNC 1 1 U x=1');
    expect(await client.fence()).toEqual([
      'OVERHEAD E permission_denied',
      'OVERHEAD E permission_denied',
      'OVERHEAD E permission_denied',
    ]);
    manager.send('CLIENTLIST');
    const line = (await manager.fence()).find((each) => each.includes('CLIENTINFO=reader;')) ?? '';
    expect(line).toContain('INTERCLACKS=0');
    const [, cid = ''] = /^CLIENT CID=(127\.0\.0\.1:\d+:\d+);HOST=127\.0\.0\.1;/u.exec(line) ?? [];
    manager.send(`CLIENTDISCONNECT ${cid}`);
    expect(await client.closed()).toEqual(['QUIT']);
    manager.destroy();
  });

  it('is closed with a farewell when the server stops, and counted by its transport', async () => {
    await using other = await TestServer.start({ xml: plainWebSocket });
    const client = await FrameClient.login(other);
    const { connections } = other.server.statistics ?? {};
    expect(connections?.accepted.websocket).toBe(1);
    await other.server.stop();
    expect(await client.closed()).toBe(1000);
    expect(client.text.endsWith('\r\nQUIT\r\n')).toBe(true);
  });

  it('is refused with a wrong password as elsewhere', async () => {
    const client = await FrameClient.open(server);
    client.webSocket.send(loginLine.replace(/:.*/u, ':eA=='));
    expect(await client.closed()).toBe(1000);
    expect(client.text).toContain('OVERHEAD F Login failed!');
  });

  it('is answered its pings', async () => {
    const client = await FrameClient.login(server);
    const pong = new Promise((resolve) => client.webSocket.once('pong', resolve));
    client.webSocket.ping('hello');
    expect(String(await pong)).toBe('hello');
    client.webSocket.terminate();
  });

  it('may ping as often as it likes, whole or in pieces, before its login and after', async () => {
    const client = await FrameClient.open(server);
    const { webSocket } = client;
    const ping = async (): Promise<void> => {
      const answered = once(webSocket, 'pong');
      webSocket.ping(Buffer.alloc(125));
      await answered;
    };
    // More bytes in all than may come before a login.
    for (let pings = 0; pings < 600; pings++) await ping();
    webSocket.send(loginLine);
    await client.waitFor('OVERHEAD O Welcome!\r\n');
    for (let pings = 0; pings < 600; pings++) await ping();
    // Nothing of them is kept, nor of one that came in pieces.
    const socket = (webSocket as unknown as { readonly _socket: net.Socket })._socket;
    socket.write(Buffer.from([0x89, 0x84, 0, 0, 0]));
    const manager = await RawClient.login(server);
    const held = async (): Promise<string[]> => {
      manager.send('CLIENTLIST');
      const lines = await manager.fence();
      return lines.flatMap((line) => /INBUFFER_LENGTH=(\d+)/u.exec(line)?.[1] ?? []);
    };
    while (!(await held()).includes('5'));
    const answered = once(webSocket, 'pong');
    socket.write(Buffer.alloc(5));
    await answered;
    expect(await held()).not.toContain('5');
    webSocket.terminate();
    manager.destroy();
  });

  it('is at its path alone, and nothing else is', async () => {
    const base = server.webSocketUrl.replace('/clacks', '');
    expect((await refusal(`${base}/other`)).status).toBe(404);
    const get = async (target: string) => (await fetch(target.replace('ws:', 'http:'))).status;
    expect(await get(`${base}/clacks`)).toBe(426);
    expect(await get(`${base}/`)).toBe(404);
    const query = new URL('/clacks?page=1', base).href;
    const client = await FrameClient.open({ webSocketUrl: query, ca: server.ca });
    await client.waitFor('OVERHEAD M Authentication required\r\n');
    client.webSocket.terminate();
  });
});

describe('a WebSocket over TLS', () => {
  it('uses the certificate of the server, also after a reload', async () => {
    await using server = await TestServer.start({ xml: '<websocket port="0"/>' });
    expect(server.webSocketUrl).toMatch(/^wss:\/\/127\.0\.0\.1:\d+\/clacks$/u);
    const client = await RawClient.webSocket(server);
    await client.login();
    const { cert, key } = await makeCertificate();
    await writeFile(path.join(server.directory, 'server.crt'), cert);
    await writeFile(path.join(server.directory, 'server.key'), key);
    await server.server.reload();
    await expect(RawClient.webSocket(server)).rejects.toThrow(/self-signed|DEPTH_ZERO/u);
    const later = await RawClient.webSocket(server, { ca: cert });
    await later.login();
    expect(await client.fence()).toEqual([]);
    client.destroy();
    later.destroy();
  });

  it('asks for a client certificate where the server does', async () => {
    const ca = await makeCertificate('authority');
    const own = await makeCertificate('sensor', { ca });
    await using server = await TestServer.start({
      ssl: 'ca="ca.crt"',
      files: { 'ca.crt': ca.cert },
      xml: `<websocket port="0"/>
        <user><username>sensor</username><certsubject>CN=sensor</certsubject><read>1</read></user>`,
    });
    await expect(RawClient.webSocket(server)).rejects.toThrow();
    const client = await RawClient.webSocket(server, own);
    await client.login('sensor', '');
    client.destroy();
  });

  it('is not there unless it is configured', async () => {
    await using server = await TestServer.start();
    expect(server.server.address.map(({ transport }) => transport)).toEqual(['tls', 'unix']);
  });
});

describe('a page', () => {
  const origins = (xml: string) => TestServer.start({ xml });

  it('may come from the host that it asks, and from no other', async () => {
    await using server = await origins(plainWebSocket);
    expect(await statusFor(server, 'http://127.0.0.1:8080')).toBe(101);
    expect(await statusFor(server, 'https://127.0.0.1')).toBe(101);
    expect(await statusFor(server, 'https://House.example', 'house.example:443')).toBe(101);
    for (const origin of ['http://evil.example', 'http://127.0.0.1.evil.example', 'null', 'x']) {
      expect([origin, await statusFor(server, origin)]).toEqual([origin, 403]);
    }
  });

  it('may come from the origins of the configuration, and from no other', async () => {
    const log = new TestLog();
    await using server = await TestServer.start({
      logger: log.logger,
      xml: `<websocket port="0" tls="0"><origin>https://House.example/</origin>
        <origin>http://localhost:8080</origin></websocket>`,
    });
    expect(await statusFor(server, 'https://house.example')).toBe(101);
    expect(await statusFor(server, 'http://localhost:8080')).toBe(101);
    expect(await statusFor(server, 'http://localhost')).toBe(403);
    expect(await log.next(/WebSocket refused/u)).toMatchObject({
      host: '127.0.0.1',
      origin: 'http://localhost',
    });
    expect(await statusFor(server, 'http://house.example')).toBe(403);
    expect(await statusFor(server, server.webSocketUrl.replace('ws:', 'http:'))).toBe(403);
    // Who is no browser says nothing of an origin.
    const client = await RawClient.webSocket(server);
    await client.login();
    client.destroy();
  });
});
