import { once } from 'node:events';
import net from 'node:net';
import { WebSocket } from 'ws';
import { connect, ClacksClientError } from '@clacks/client';
import type { Client, ConnectOptions } from '@clacks/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as browser from '../src/browser.ts';
import * as node from '../src/index.ts';
import { TestServer } from '../../../test/support/test-server.ts';
import { connectTo, next, withCode } from './support/clients.ts';
import { TestProxy } from './support/proxy.ts';

const options = (url: string): ConnectOptions => ({
  url,
  WebSocket,
  username: 'admin',
  password: 'adminpass',
  reconnect: { initialDelayMs: 5, maxDelayMs: 20 },
});

const entries = { 'of Node.js': node.connect, 'of pages': browser.connect };

describe.each(Object.entries(entries))('the client %s, over a WebSocket', (_, connectAs) => {
  let server: TestServer;
  let client: Client;

  beforeAll(async () => {
    server = await TestServer.start({ xml: '<websocket port="0" tls="0"/>' });
    client = await connectAs(options(server.webSocketUrl));
  });
  afterAll(async () => {
    await client.close();
    await server[Symbol.asyncDispose]();
  });

  it('signals and stores, text and bytes', async () => {
    const other = await connectTo(server);
    const signal = next(other, 'signal');
    other.listen('x');
    await other.flush();
    await client.set('x', 'grün');
    expect(await signal).toMatchObject({ name: 'x', value: 'grün' });
    const bytes = Uint8Array.from({ length: 256 }, (__, index) => index);
    await client.store('bytes', bytes);
    expect(await client.retrieve('bytes', { as: 'bytes' })).toEqual(bytes);
    await other.close();
  });

  it('sends and takes lines that are longer than a frame', async () => {
    const value = `${'x'.repeat(2 ** 21)}ü`;
    await client.store('long', value);
    expect(await client.retrieve('long')).toBe(value);
  });

  it('lets who awaits each write wait for the server', async () => {
    const value = 'x'.repeat(100_000);
    for (let count = 0; count < 100; count++) await client.store(`many${count}`, value);
    await client.flush();
    expect(await client.retrieve('many99')).toBe(value);
  });

  it('takes leave', async () => {
    const leaving = await connectAs(options(server.webSocketUrl));
    const closed = next(leaving, 'closed');
    await leaving.close();
    expect(await closed).toEqual({ error: undefined });
  });

  it('is refused with a wrong password', async () => {
    const wrong = { ...options(server.webSocketUrl), password: 'wrong' };
    await expect(connectAs(wrong)).rejects.toEqual(withCode('CLACKS_ERR_LOGIN_FAILED'));
  });
});

describe('a client over a WebSocket', () => {
  it('listens again when its server is there again', async () => {
    await using server = await TestServer.start({ xml: '<websocket port="0" tls="0"/>' });
    const { url } = await restartable(server);
    const client = await connect(options(url));
    const values: string[] = [];
    client.listen('x', (signal) => {
      if (signal.type === 'set') values.push(signal.value);
    });
    await client.flush();
    const lost = next(client, 'disconnected');
    const found = next(client, 'reconnected');
    await server.restart();
    expect((await lost).reason).toBe('QUIT');
    await found;
    const sender = await connectTo(server);
    await sender.set('x', 'again');
    await sender.flush();
    await client.flush();
    expect(values).toEqual(['again']);
    await Promise.all([client.close(), sender.close()]);
  });

  it('notices a server that is gone without a word when it is woken, and finds another', async () => {
    await using server = await TestServer.start({ xml: '<websocket port="0" tls="0"/>' });
    await using proxy = await TestProxy.start(server.webSocketUrl);
    const client = await connect({ ...options(proxy.url), requestTimeoutMs: 50 });
    proxy.setSilent(true);
    const lost = next(client, 'disconnected');
    const found = next(client, 'reconnected');
    client.wake();
    expect((await lost).error).toEqual(withCode('CLACKS_ERR_CONNECTION_LOST'));
    proxy.setSilent(false);
    await found;
    expect(await client.retrieve('nothing')).toBeUndefined();
    client.destroy();
  });

  it('notices by the time of day that its machine has slept', async () => {
    await using server = await TestServer.start({ xml: '<websocket port="0" tls="0"/>' });
    await using proxy = await TestProxy.start(server.webSocketUrl);
    // Its own clock has stood still meanwhile, as that of a machine does that sleeps.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
    try {
      const client = await connect({ ...options(proxy.url), requestTimeoutMs: 50 });
      proxy.setSilent(true);
      const lost = next(client, 'disconnected');
      const found = next(client, 'reconnected');
      vi.advanceTimersByTime(15_000);
      await lost;
      proxy.setSilent(false);
      await found;
      client.destroy();
    } finally {
      vi.useRealTimers();
    }
  });

  it('does not wait for long when it is woken while it waits for a sign of life', async () => {
    await using server = await TestServer.start({ xml: '<websocket port="0" tls="0"/>' });
    await using proxy = await TestProxy.start(server.webSocketUrl);
    const times = { idleTimeoutMs: 20, requestTimeoutMs: 1e6 };
    const client = await connect({ ...options(proxy.url), ...times });
    proxy.setSilent(true);
    // As when a machine wakes up: its timers come first, then the network.
    await proxy.heard();
    const lost = next(client, 'disconnected');
    const found = next(client, 'reconnected');
    client.wake();
    expect((await lost).reason).toMatch(/did not answer/u);
    proxy.setSilent(false);
    await found;
    client.destroy();
  });

  it('begins anew with short pauses when it is woken, also while it tries to connect', async () => {
    await using server = await TestServer.start({ xml: '<websocket port="0" tls="0"/>' });
    await using proxy = await TestProxy.start(server.webSocketUrl);
    const reconnect = { initialDelayMs: 5, maxDelayMs: 1e9 };
    const client = await connect({ ...options(proxy.url), reconnect });
    const lost = next(client, 'disconnected');
    const found = next(client, 'reconnected');
    proxy.setSilent(true);
    proxy.drop();
    await lost;
    // So many attempts have failed that the next pause would take days.
    for (let attempts = 0; attempts < 40; attempts++) {
      client.wake();
      await proxy.heard();
      if (attempts < 39) proxy.drop();
    }
    // The network is there again, while an attempt is on its way that will fail.
    client.wake();
    proxy.setSilent(false);
    proxy.drop();
    await found;
    client.destroy();
  });

  it('does not wait for its next attempt when it is woken', async () => {
    await using server = await TestServer.start({ xml: '<websocket port="0" tls="0"/>' });
    const { url } = await restartable(server);
    const client = await connect({
      ...options(url),
      reconnect: { initialDelayMs: 1e9, maxDelayMs: 1e9 },
    });
    const lost = next(client, 'disconnected');
    const found = next(client, 'reconnected');
    const restarted = server.restart();
    await lost;
    await restarted;
    client.wake();
    await found;
    client.destroy();
  });

  it('checks the certificate, as whoever makes the WebSocket does', async () => {
    await using server = await TestServer.start({ xml: '<websocket port="0"/>' });
    await expect(connect(options(server.webSocketUrl))).rejects.toEqual(
      withCode('CLACKS_ERR_UNREACHABLE'),
    );
    class Trusting extends WebSocket {
      constructor(url: string) {
        super(url, { ca: server.ca });
      }
    }
    const client = await connect({ ...options(server.webSocketUrl), WebSocket: Trusting });
    await client.close();
  });

  it('says where it cannot connect to', async () => {
    const error = await connect(options('ws://127.0.0.1:1/clacks')).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ClacksClientError);
    expect(error).toMatchObject({ code: 'CLACKS_ERR_UNREACHABLE' });
    expect((error as Error).message).toMatch(
      /^Cannot connect to ws:\/\/127\.0\.0\.1:1\/clacks: .*ECONNREFUSED/u,
    );
  });

  it('can be given up while it connects', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const controller = new AbortController();
    const connecting = connect({
      ...options(`ws://127.0.0.1:${port}/`),
      signal: controller.signal,
    });
    controller.abort();
    await expect(connecting).rejects.toEqual(withCode('CLACKS_ERR_ABORTED'));
    server.close();
  });

  it.each<[string, Partial<ConnectOptions>]>([
    ['no url', { url: 'house' }],
    ['the url of a page', { url: 'https://house.example' }],
    ['a url with a password in it', { url: 'wss://me:secret@house.example' }],
    ['a host besides', { url: 'wss://house.example', host: 'house.example' }],
    ['options of TLS', { url: 'wss://house.example', tls: { insecure: true } }],
  ])('is not made with %s', async (_, wrong) => {
    const error = await connect({ username: 'u', password: 'p', WebSocket, ...wrong }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).not.toContain('secret');
  });

  it('is the only one in a page, which offers all else that there is in Node.js', async () => {
    expect(Object.keys(browser).sort()).toEqual(Object.keys(node).sort());
    await expect(browser.connect({ username: 'u', password: 'p' })).rejects.toThrow(TypeError);
  });
});

/** Gives a server's WebSocket a port that stays when it is started anew. */
async function restartable(server: TestServer): Promise<{ readonly url: string }> {
  const { port } = new URL(server.webSocketUrl);
  await server.restart(`<websocket port="${port}" tls="0"/>`);
  return { url: server.webSocketUrl };
}
