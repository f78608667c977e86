import type { Client, WatchedValue } from '@clacks/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestServer } from '../../../test/support/test-server.ts';
import { connectTo, next, withCode } from './support/clients.ts';

const valuesOf = (values: readonly WatchedValue[]) => values.map(({ value }) => value);

describe('watching a name', () => {
  let server: TestServer;
  let writer: Client;
  let client: Client;

  beforeAll(async () => {
    server = await TestServer.start({
      xml: `<user><username>writer</username><password>w</password><write>1</write></user>`,
    });
  });
  afterAll(() => server[Symbol.asyncDispose]());
  beforeEach(async () => {
    writer = await connectTo(server);
    client = await connectTo(server);
    await writer.clearCache();
  });
  afterEach(() => {
    writer.destroy();
    client.destroy();
  });

  it('gives the value that is stored, then each that is sent', async () => {
    await writer.store('x', 'stored');
    await writer.flush();
    const iterator = client.watch('x')[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toMatchObject({
      name: 'x',
      value: 'stored',
      raw: 'stored',
      bytes: new TextEncoder().encode('stored'),
      source: 'stored',
      mayHaveMissed: false,
    });
    await writer.setAndStore('x', 'zwei\nZeilen');
    expect((await iterator.next()).value).toMatchObject({
      value: 'zwei\nZeilen',
      source: 'signal',
      mayHaveMissed: false,
    });
    // An event without a value is none, nor is what is stored without being sent.
    void writer.notify('x');
    void writer.store('x', 'silent');
    void writer.set('x', '3');
    expect((await iterator.next()).value).toMatchObject({ value: '3', source: 'signal' });
  });

  it('gives undefined where nothing is stored', async () => {
    for await (const { value, bytes } of client.watch('nothing')) {
      expect([value, bytes]).toEqual([undefined, undefined]);
      break;
    }
  });

  it('gives no value twice and leaves none out, whenever it begins', async () => {
    const last = 3000;
    const seen: string[][] = [];
    const loops: Promise<void>[] = [];
    const watch = async (): Promise<void> => {
      const values: string[] = [];
      seen.push(values);
      for await (const { value = '0', mayHaveMissed } of client.watch('counter')) {
        expect(mayHaveMissed).toBe(false);
        values.push(value);
        if (value === String(last)) return;
      }
    };
    for (let count = 1; count <= last; count++) {
      void writer.setAndStore('counter', String(count));
      if (count % 100 === 1) {
        loops.push(watch());
        // Sometimes they are on their way together, sometimes one after the other.
        if (count % 200 === 1) await Promise.race([client.flush(), writer.flush()]);
      }
    }
    await Promise.all(loops);
    expect(seen).toHaveLength(30);
    for (const values of seen) {
      const first = Number(values[0]);
      const expected = Array.from({ length: last - first + 1 }, (_, index) =>
        String(first + index),
      );
      expect(values).toEqual(expected);
    }
  });

  it('calls a handler until it is stopped', async () => {
    await writer.store('x', '0');
    const values: WatchedValue[] = [];
    const watch = client.watch('x', (value) => values.push(value));
    await client.flush();
    await writer.setAndStore('x', '1');
    await writer.flush();
    await client.flush();
    watch.stop();
    await client.flush();
    await writer.setAndStore('x', '2');
    await writer.flush();
    await client.flush();
    expect(valuesOf(values)).toEqual(['0', '1']);
  });

  it('shows what this client itself stores, counts and removes', async () => {
    const values: WatchedValue[] = [];
    client.watch('n', (value) => values.push(value));
    await client.flush();
    void client.store('n', '5');
    await client.flush();
    await client.flush();
    void client.increment('n', 2);
    void client.increment('n', 2);
    await client.flush();
    await client.flush();
    void client.remove('n');
    await client.flush();
    await client.flush();
    expect(valuesOf(values)).toEqual([undefined, '5', '9', undefined]);
    expect(values.every(({ source }) => source === 'stored')).toBe(true);
  });

  it('reads again after a reconnection, and says that something may have been missed', async () => {
    const values: WatchedValue[] = [];
    client.watch('x', (value) => values.push(value));
    await client.flush();
    const found = next(client, 'reconnected');
    const writerFound = next(writer, 'reconnected');
    await server.restart();
    await Promise.all([found, writerFound]);
    await client.flush();
    await writer.setAndStore('x', 'later');
    await writer.flush();
    await client.flush();
    expect(values).toMatchObject([
      { value: undefined, mayHaveMissed: false },
      { value: undefined, source: 'stored', mayHaveMissed: true },
      { value: 'later', source: 'signal', mayHaveMissed: false },
    ]);
  });

  it('begins as soon as there is a connection', async () => {
    const lost = next(client, 'disconnected');
    const found = next(client, 'reconnected');
    const restarted = server.restart();
    await lost;
    const values: WatchedValue[] = [];
    client.watch('x', (value) => values.push(value));
    void client.store('x', 'queued');
    await restarted;
    await found;
    await client.flush();
    await client.flush();
    expect(values).toMatchObject([{ value: 'queued', mayHaveMissed: false }]);
  });

  it('throws where the name may not be read, and stops', async () => {
    const blind = await connectTo(server, { username: 'writer', password: 'w' });
    const iterator = blind.watch('x')[Symbol.asyncIterator]();
    await expect(iterator.next()).rejects.toEqual(withCode('CLACKS_ERR_DENIED'));
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    blind.destroy();
  });

  it('tells by an event where a handler gets nothing', async () => {
    const blind = await connectTo(server, { username: 'writer', password: 'w' });
    const ended = next(blind, 'watchEnded');
    blind.watch('x', () => undefined);
    expect(await ended).toEqual({ name: 'x', error: withCode('CLACKS_ERR_DENIED') });
    blind.destroy();
  });

  it.each(['fail', 'pause', 'dropOldest', 'latestPerName'] as const)(
    'calls a handler for each value, whatever loops with %s do',
    async (policy) => {
      const values: WatchedValue[] = [];
      const queue = { policy, maxQueued: 1 };
      const watch = client.watch('x', (value) => values.push(value), queue);
      // One that takes nothing.
      const loop = client.watch('x', queue)[Symbol.asyncIterator]();
      await loop.next();
      const count = 300;
      for (let number = 0; number < count; number++) void writer.setAndStore('x', String(number));
      await writer.flush();
      await loop.return?.();
      await client.flush();
      expect(valuesOf(values)).toEqual([
        undefined,
        ...Array.from({ length: count }, (_, number) => String(number)),
      ]);
      watch.stop();
    },
  );

  it('ends with the client, and is refused after that', async () => {
    const iterator = client.watch('x')[Symbol.asyncIterator]();
    await iterator.next();
    const waiting = iterator.next();
    await client.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(() => client.watch('x')).toThrow(withCode('CLACKS_ERR_CLOSED'));
  });

  it('ends with unlisten(), with stop(), and when a loop is left', async () => {
    const watch = client.watch('x');
    const first = watch[Symbol.asyncIterator]();
    const second = client.watch('x')[Symbol.asyncIterator]();
    await Promise.all([first.next(), second.next()]);
    watch.stop();
    expect((await first.next()).done).toBe(true);
    expect((await watch[Symbol.asyncIterator]().next()).done).toBe(true);
    client.unlisten('x');
    expect((await second.next()).done).toBe(true);
    const loop = client.watch('y')[Symbol.asyncIterator]();
    await loop.next();
    await loop.return?.();
    const handled: string[] = [];
    client.on('signal', ({ name }) => handled.push(name));
    await client.flush();
    await writer.set('y', '1');
    await writer.flush();
    await client.flush();
    expect(handled).toEqual([]);
  });

  it('is for names, not for patterns', () => {
    expect(() => client.watch('a::*')).toThrow(TypeError);
    expect(() => client.watch('a b')).toThrow(TypeError);
    expect(() => client.watch('a', { maxQueued: 0 })).toThrow(TypeError);
  });
});
