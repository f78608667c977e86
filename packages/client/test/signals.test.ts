import type { Client, Signal } from '@clacks/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { TestServer } from '../../../test/support/test-server.ts';
import { connectTo, next, withCode } from './support/clients.ts';
import { ScriptedServer } from './support/scripted-server.ts';

describe('signals', () => {
  let server: TestServer;
  let sender: Client;
  let listener: Client;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  beforeEach(async () => {
    sender = await connectTo(server);
    listener = await connectTo(server);
  });
  afterEach(() => {
    sender.destroy();
    listener.destroy();
  });

  /** Proves that what was sent has arrived, or will not. */
  const fence = async (): Promise<void> => {
    await sender.flush();
    await listener.flush();
  };

  it('a handler gets the signals of its name only, in order', async () => {
    const signals: string[] = [];
    listener.listen('x', (signal) => {
      signals.push(signal.type === 'set' ? signal.value : signal.type);
    });
    await listener.flush();
    void sender.set('x', '1');
    void sender.notify('x');
    void sender.set('y', 'no');
    void sender.setAndStore('x', 'zwei\nZeilen');
    await fence();
    expect(signals).toEqual(['1', 'notify', 'zwei\nZeilen']);
  });

  it('a value is handed out as text, bytes and raw', async () => {
    listener.listen('x');
    await listener.flush();
    const signal = next(listener, 'signal');
    await sender.set('x', new Uint8Array([0xff, 10]));
    expect(await signal).toMatchObject({
      type: 'set',
      name: 'x',
      bytes: new Uint8Array([0xff, 10]),
      raw: 'PAGECAMELCLACKSB64:/wo=',
    });
  });

  it('a client does not get its own signals', async () => {
    const handler = vi.fn();
    listener.listen('x', handler);
    void listener.set('x', '1');
    await listener.flush();
    expect(handler).not.toHaveBeenCalled();
  });

  it('patterns fit levels', async () => {
    const one: string[] = [];
    const more: string[] = [];
    listener.listen('Kitchen::*::Power', ({ name }) => one.push(name));
    listener.listen('Kitchen::**', ({ name }) => more.push(name));
    await listener.flush();
    void sender.notify('Kitchen::Heater::Power');
    void sender.notify('Kitchen::Heater::Left::Power');
    void sender.notify('Cellar::Heater::Power');
    await fence();
    expect(one).toEqual(['Kitchen::Heater::Power']);
    expect(more).toEqual(['Kitchen::Heater::Power', 'Kitchen::Heater::Left::Power']);
  });

  it('a loop takes the signals, and ends with unlisten', async () => {
    const subscription = listener.listen('x');
    const taken: Signal[] = [];
    const loop = (async () => {
      for await (const signal of subscription) taken.push(signal);
    })();
    await listener.flush();
    void sender.set('x', '1');
    void sender.set('x', '2');
    await fence();
    subscription.unlisten();
    await loop;
    expect(taken.map((signal) => signal.type === 'set' && signal.value)).toEqual(['1', '2']);
  });

  it('a loop ends when the client is closed, and listening after that is refused', async () => {
    const iterator = listener.listen('x')[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await listener.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(() => listener.listen('x')).toThrow(withCode('CLACKS_ERR_CLOSED'));
  });

  it('a throwing handler stops neither the others nor the connection', async () => {
    const uncaught: unknown[] = [];
    const before = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => uncaught.push(error));
    try {
      const other = vi.fn();
      listener.listen('x', () => {
        throw new Error('the program has a defect');
      });
      listener.listen('x', other);
      await listener.flush();
      void sender.notify('x');
      await fence();
      expect(other).toHaveBeenCalledOnce();
      expect(listener.connected).toBe(true);
      expect(uncaught).toHaveLength(1);
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const each of before) process.on('uncaughtException', each);
    }
  });

  it('with caching, the same value is sent once, until it changes', async () => {
    const caching = await connectTo(server, { caching: true });
    const values: string[] = [];
    listener.listen('x', (signal) => {
      if (signal.type === 'set') values.push(signal.value);
    });
    await listener.flush();
    for (const value of ['1', '1', '2', '2', '1']) void caching.set('x', value);
    await caching.flush();
    await listener.flush();
    expect(values).toEqual(['1', '2', '1']);
    caching.destroy();
  });
});

describe('what listening and pinging send', () => {
  it('two subscriptions send one LISTEN, and the last unlisten an UNLISTEN', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server);
    const first = client.listen('x');
    const second = client.listen('x');
    first.unlisten();
    first.unlisten();
    await client.flush();
    second[Symbol.dispose]();
    client.listen('y');
    client.listen('y');
    client.unlisten('y');
    client.noPing();
    client.ping();
    await client.flush();
    const { received } = await server.peer(0);
    expect(received.slice(2).filter((line) => !line.startsWith('FLUSH '))).toEqual([
      'LISTEN x',
      'UNLISTEN x',
      'LISTEN y',
      'UNLISTEN y',
      'NOPING',
      'PING',
    ]);
    client.destroy();
  });

  it('pings by itself, unless told otherwise', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server, { pingIntervalMs: 5 });
    const silent = await connectTo(server, { pingIntervalMs: 5, autoPing: false });
    await (await server.peer(0)).waitFor('PING', 3);
    await silent.flush();
    expect((await server.peer(1)).received).not.toContain('PING');
    client.destroy();
    silent.destroy();
  });

  it('a loop that begins late gets everything since listen()', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server);
    const subscription = client.listen('x');
    await client.flush();
    (await server.peer(0)).send('SET x=1', 'SET x=2');
    await client.flush();
    subscription.unlisten();
    const values: string[] = [];
    for await (const signal of subscription) {
      if (signal.type === 'set') values.push(signal.value);
    }
    expect(values).toEqual(['1', '2']);
    client.destroy();
  });

  it('a loop ends with the error that ends the client', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server, { reconnect: false });
    const iterator = client.listen('x')[Symbol.asyncIterator]();
    const waiting = iterator.next();
    (await server.peer(0)).socket.destroy();
    await expect(waiting).rejects.toEqual(withCode('CLACKS_ERR_CONNECTION_LOST'));
  });

  it('who listens anew while a signal is delivered gets it once', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server);
    let calls = 0;
    client.listen('x', () => undefined);
    client.listen('x', () => {
      calls++;
      if (calls < 3) client.listen('x', () => calls++);
    });
    await client.flush();
    (await server.peer(0)).send('NOTIFY x');
    await client.flush();
    expect(calls).toBe(1);
    client.destroy();
  });

  it('who stops listening while a signal is delivered does not get it any more', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server);
    const second = vi.fn();
    client.listen('x', () => {
      client.unlisten('a::*');
      client.unlisten('x');
    });
    client.listen('x', second);
    await client.flush();
    (await server.peer(0)).send('NOTIFY x');
    await client.flush();
    expect(second).not.toHaveBeenCalled();
    client.destroy();
  });

  it('a signal shows its value in JSON', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server);
    const signal = next(client, 'signal');
    (await server.peer(0)).send('SET x=1');
    expect(JSON.stringify(await signal)).toBe('{"type":"set","name":"x","value":"1","raw":"1"}');
    client.destroy();
  });

  it('a handler for one event can be taken back before', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server);
    const handler = vi.fn();
    client.once('message', handler);
    client.off('message', handler);
    const twice = vi.fn();
    client.once('message', twice);
    (await server.peer(0)).send('OVERHEAD M one', 'OVERHEAD M two');
    await client.flush();
    expect(handler).not.toHaveBeenCalled();
    expect(twice.mock.calls).toEqual([['one']]);
    client.destroy();
  });

  it('an iterator that is too slow throws rather than losing signals without a word', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server);
    const iterator = client.listen('x')[Symbol.asyncIterator]();
    const peer = await server.peer(0);
    await peer.waitFor('LISTEN x');
    peer.sendRaw('NOTIFY x\r\n'.repeat(100_001));
    await client.flush();
    for (let taken = 0; taken < 100_000; taken++) await iterator.next();
    await expect(iterator.next()).rejects.toEqual(withCode('CLACKS_ERR_QUEUE_FULL'));
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    client.destroy();
  });
});
