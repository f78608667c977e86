import { setImmediate } from 'node:timers/promises';
import type { Client, ConnectOptions, QueueOptions, Signal, WatchedValue } from '@clacks/client';
import { WebSocket } from 'ws';
import { connect } from '@clacks/client';
import { describe, expect, it } from 'vitest';
import { TestServer } from '../../../test/support/test-server.ts';
import { connectTo, next, withCode } from './support/clients.ts';
import { answerFlush, ScriptedServer } from './support/scripted-server.ts';

const valueOf = (signal: Signal | undefined) => (signal?.type === 'set' ? signal.value : undefined);

const webSocketLogin = (server: TestServer): ConnectOptions => ({
  url: server.webSocketUrl,
  WebSocket,
  username: 'admin',
  password: 'adminpass',
});

/** Listens, and lets so many signals come before anything is taken. */
const listenTo = async (
  client: Client,
  sender: Client,
  count: number,
  queue: QueueOptions,
  nameOf: (number: number) => string = () => 'q::x',
) => {
  const subscription = client.listen('q::*', queue);
  await client.flush();
  for (let number = 0; number < count; number++) void sender.set(nameOf(number), String(number));
  await sender.flush();
  await client.flush();
  return subscription;
};

/** Takes that many. */
const take = async (iterator: AsyncIterator<Signal, undefined>, count: number) => {
  const taken: (string | undefined)[] = [];
  while (taken.length < count) taken.push(valueOf((await iterator.next()).value));
  return taken;
};

describe('the queue of a loop', () => {
  it('drops what has waited longest, and counts it', async () => {
    await using server = await TestServer.start();
    const [client, sender] = [await connectTo(server), await connectTo(server)];
    const subscription = await listenTo(client, sender, 10, { policy: 'dropOldest', maxQueued: 3 });
    const iterator = subscription[Symbol.asyncIterator]();
    expect(await take(iterator, 3)).toEqual(['7', '8', '9']);
    expect(subscription.dropped).toBe(7);
    client.destroy();
    sender.destroy();
  });

  it('keeps the latest of each name, in its place', async () => {
    await using server = await TestServer.start();
    const [client, sender] = [await connectTo(server), await connectTo(server)];
    const queue: QueueOptions = { policy: 'latestPerName', maxQueued: 3 };
    const names = ['a', 'b', 'a', 'c', 'b', 'd'];
    const nameOf = (number: number): string => `q::${names[number] ?? ''}`;
    const subscription = await listenTo(client, sender, names.length, queue, nameOf);
    const iterator = subscription[Symbol.asyncIterator]();
    // The fourth name has cost the first its place.
    expect(await take(iterator, 3)).toEqual(['4', '3', '5']);
    expect(subscription.dropped).toBe(3);
    await sender.notify('q::a');
    await sender.set('q::a', 'last');
    await sender.flush();
    await client.flush();
    expect((await iterator.next()).value).toMatchObject({ type: 'notify', name: 'q::a' });
    expect(await take(iterator, 1)).toEqual(['last']);
    client.destroy();
    sender.destroy();
  });

  it.each(['unix socket', 'WebSocket'])(
    'lets the server wait, over a %s, and loses nothing',
    async (transport) => {
      await using server = await TestServer.start({ xml: '<websocket port="0" tls="0"/>' });
      const client =
        transport === 'unix socket'
          ? await connectTo(server)
          : await connect(webSocketLogin(server));
      const sender = await connectTo(server);
      const subscription = client.listen('q', { policy: 'pause', maxQueued: 10 });
      await client.flush();
      const count = 2000;
      const value = 'x'.repeat(20_000);
      for (let number = 0; number < count; number++) await sender.set('q', `${number} ${value}`);
      await sender.flush();
      // More than systems keep between two programs: it waits in the server.
      const held = async () =>
        Math.max(...(await sender.clientList()).map(({ outbufferBytes }) => outbufferBytes));
      while ((await held()) < 1_000_000);
      // And goes on to wait, once the system has taken what it takes: nothing of it is read.
      let before = await held();
      for (let now = await held(); now !== before; now = await held()) before = now;
      for (let round = 0; round < 20; round++) expect(await held()).toBe(before);
      const numbers: number[] = [];
      for await (const signal of subscription) {
        numbers.push(Number.parseInt(valueOf(signal) ?? '', 10));
        if (numbers.length === count) break;
      }
      expect(numbers).toEqual(Array.from({ length: count }, (_, number) => number));
      // And what was asked for while nothing was read is answered.
      expect(await client.retrieve('nothing')).toBeUndefined();
      client.destroy();
      sender.destroy();
    },
  );

  it('gives the connection up where a WebSocket cannot let the server wait', async () => {
    await using server = await TestServer.start({ xml: '<websocket port="0" tls="0"/>' });
    // As browsers have it.
    class Unstoppable extends WebSocket {
      override pause = undefined as never;
    }
    const client = await connect({ ...webSocketLogin(server), WebSocket: Unstoppable });
    const sender = await connectTo(server);
    const subscription = client.listen('q', { policy: 'pause', maxQueued: 1 });
    await client.flush();
    const lost = next(client, 'disconnected');
    const found = next(client, 'reconnected');
    const value = 'x'.repeat(1024 * 1024);
    for (let count = 0; count < 70; count++) await sender.set('q', value);
    expect((await lost).reason).toMatch(/wait for a loop that is too slow/u);
    await found;
    // What was taken before is there.
    const iterator = subscription[Symbol.asyncIterator]();
    expect(await take(iterator, 2)).toEqual([value, value]);
    client.destroy();
    sender.destroy();
  });

  it('goes on reading while an answer is awaited, also from within the loop', async () => {
    await using server = await TestServer.start();
    const [client, sender] = [await connectTo(server), await connectTo(server)];
    const subscription = await listenTo(client, sender, 100, { policy: 'pause', maxQueued: 1 });
    let count = 0;
    for await (const signal of subscription) {
      await client.retrieve(signal.name);
      count++;
      if (count === 100) break;
    }
    client.destroy();
    sender.destroy();
  });

  it('that lets the server wait loses nothing when its client is woken', async () => {
    const count = 150_000;
    await using server = await ScriptedServer.start({
      script: (line, peer) => {
        answerFlush(line, peer);
        if (line !== 'LISTEN q') return;
        const lines = Array.from({ length: count }, (_, number) => `SET q=${number}\r\n`);
        peer.sendRaw(lines.join(''));
      },
    });
    const client = await connectTo(server);
    const subscription = client.listen('q', { policy: 'pause', maxQueued: 1000 });
    const iterator = subscription[Symbol.asyncIterator]();
    expect(await take(iterator, 1)).toEqual(['0']);
    client.wake();
    // A loop that is slow: what is read in these turns of the event loop would be too much for it.
    for (let turns = 0; turns < 2000; turns++) await setImmediate();
    const others = await take(iterator, count - 1);
    expect(others.at(-1)).toBe(String(count - 1));
    client.destroy();
  });

  it('of a client that is closed holds nobody up', async () => {
    await using server = await TestServer.start();
    const [client, sender] = [await connectTo(server), await connectTo(server)];
    const subscription = await listenTo(client, sender, 100, { policy: 'pause', maxQueued: 1 });
    const other = client.listen('other')[Symbol.asyncIterator]();
    subscription.unlisten();
    await client.flush();
    await sender.set('other', 'heard');
    expect(await take(other, 1)).toEqual(['heard']);
    const closed = next(client, 'closed');
    await client.close();
    await closed;
    sender.destroy();
  });

  it.each(['unix socket', 'WebSocket'])(
    'that is full keeps nobody from leaving, over a %s',
    async (transport) => {
      await using server = await TestServer.start({ xml: '<websocket port="0" tls="0"/>' });
      const times = { requestTimeoutMs: 1e6 };
      const client =
        transport === 'unix socket'
          ? await connectTo(server, times)
          : await connect({ ...times, ...webSocketLogin(server) });
      const sender = await connectTo(server);
      const subscription = await listenTo(client, sender, 100, { policy: 'pause', maxQueued: 1 });
      const closed = next(client, 'closed');
      await client.close();
      expect(await closed).toEqual({ error: undefined });
      // What was read before is there.
      const taken: (string | undefined)[] = [];
      for await (const signal of subscription) taken.push(valueOf(signal));
      expect(taken).toEqual(Array.from({ length: 100 }, (_, number) => String(number)));
      sender.destroy();
    },
  );

  it('fails by itself, where nothing else was asked for', async () => {
    await using server = await TestServer.start();
    const [client, sender] = [await connectTo(server), await connectTo(server)];
    const iterator = client.listen('q', { maxQueued: 2 })[Symbol.asyncIterator]();
    await client.flush();
    for (let number = 0; number < 5; number++) void sender.set('q', String(number));
    await sender.flush();
    await client.flush();
    expect(await take(iterator, 2)).toEqual(['0', '1']);
    await expect(iterator.next()).rejects.toEqual(withCode('CLACKS_ERR_QUEUE_FULL'));
    client.destroy();
    sender.destroy();
  });

  it('is not made of a policy that there is not, or for nothing', async () => {
    await using server = await TestServer.start();
    const client = await connectTo(server);
    const policy = 'dropoldest' as 'dropOldest';
    expect(() => client.listen('q', { policy })).toThrow(/^policy is one of fail, .*dropoldest/u);
    expect(() => client.watch('q', { policy })).toThrow(TypeError);
    expect(() => client.listen('q', { maxQueued: 0 })).toThrow(/^maxQueued is a whole number/u);
    client.destroy();
  });

  it('of a watched name tells that something was dropped', async () => {
    await using server = await TestServer.start();
    const [client, sender] = [await connectTo(server), await connectTo(server)];
    const iterator = client.watch('x', { policy: 'latestPerName' })[Symbol.asyncIterator]();
    const first = (await iterator.next()).value;
    for (const value of ['1', '2', '3']) await sender.setAndStore('x', value);
    await sender.flush();
    await client.flush();
    const latest = (await iterator.next()).value;
    const waiting = iterator.next();
    await sender.setAndStore('x', '4');
    const all: (WatchedValue | undefined)[] = [first, latest, (await waiting).value];
    expect(all).toMatchObject([
      { value: undefined, mayHaveMissed: false },
      { value: '3', mayHaveMissed: true },
      { value: '4', mayHaveMissed: false },
    ]);
    client.destroy();
    sender.destroy();
  });
});
