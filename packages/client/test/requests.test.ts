import type { Client } from '@clacks/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestServer } from '../../../test/support/test-server.ts';
import { connectTo, next, withCode } from './support/clients.ts';
import { ScriptedServer } from './support/scripted-server.ts';

const users = `<user><username>guest</username><password>guestpass</password></user>
  <user><username>reader</username><password>readerpass</password><read>1</read></user>`;

describe('requests', () => {
  let server: TestServer;
  let client: Client;

  beforeAll(async () => {
    server = await TestServer.start({ xml: users });
    client = await connectTo(server);
  });

  afterAll(async () => {
    client.destroy();
    await server[Symbol.asyncDispose]();
  });

  it.each([
    '',
    'plain',
    'a = b',
    'two\r\nlines',
    '\r',
    'Käse 🧀 \u{1F9C0}',
    'PAGECAMELCLACKSB64:x',
  ])('the text %j comes back as it was stored', async (text) => {
    await client.store('Text::é', text);
    expect(await client.retrieve('Text::é')).toBe(text);
    await client.setAndStore('Text::2', text);
    expect(await client.retrieve('Text::2', { as: 'text' })).toBe(text);
  });

  it('bytes come back exactly, also those that are no UTF-8', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await client.store('bytes', bytes);
    expect(await client.retrieve('bytes', { as: 'bytes' })).toEqual(bytes);
    await client.store('bytes', new Uint8Array());
    expect(await client.retrieve('bytes', { as: 'bytes' })).toEqual(new Uint8Array());
  });

  it('the raw value is what is on the wire', async () => {
    await client.store('raw', 'a\nb');
    expect(await client.retrieve('raw', { as: 'raw' })).toBe('PAGECAMELCLACKSB64:YQpi');
    await client.store('raw', 'é');
    expect(await client.retrieve('raw', { as: 'raw' })).toBe('Ã©');
  });

  it('a value that was never stored, or was removed, is undefined', async () => {
    expect(await client.retrieve('never')).toBeUndefined();
    await client.store('gone', '1');
    await client.remove('gone');
    expect(await client.retrieve('gone')).toBeUndefined();
    expect(await client.retrieve('gone', { as: 'bytes' })).toBeUndefined();
  });

  it('counts up and down, by steps that are numbers or texts', async () => {
    await client.increment('count');
    await client.increment('count', 41);
    await client.decrement('count');
    await client.decrement('count', '0.5');
    expect(await client.retrieve('count')).toBe('40.5');
  });

  it('lists the keys, and clears the cache', async () => {
    await client.clearCache();
    expect(await client.keylist()).toEqual([]);
    await client.store('b', '1');
    await client.store('a', '1');
    expect(await client.keylist()).toEqual(['a', 'b']);
  });

  it('concurrent requests each get their own answer', async () => {
    await client.store('one', '1');
    await client.store('two', '2');
    const answers = await Promise.all([
      client.retrieve('one'),
      client.retrieve('one'),
      client.retrieve('missing'),
      client.keylist(),
      client.retrieve('two'),
      client.keylist(),
    ]);
    expect(answers).toEqual(['1', '1', undefined, expect.any(Array), '2', expect.any(Array)]);
  });

  it('lists the clients, and disconnects one', async () => {
    const other = await connectTo(server, { name: 'Ünter', reconnect: false });
    const entry = (await client.clientList()).find(({ clientInfo }) => clientInfo === 'Ünter');
    expect(entry).toMatchObject({
      host: 'unixdomainsocket',
      isMonitor: false,
      writeFailSeconds: 0,
    });
    const gone = next(other, 'disconnected');
    await client.disconnectClient(entry?.cid ?? '');
    expect(await gone).toMatchObject({ reason: 'QUIT', willReconnect: false });
  });

  it('monitors what other clients send, until it is stopped', async () => {
    const other = await connectTo(server);
    const lines: string[] = [];
    const monitoring = await client.monitor((line) => lines.push(line));
    await other.notify('watched');
    await other.flush();
    await client.flush();
    await monitoring.stop();
    await other.notify('unwatched');
    await other.flush();
    await client.flush();
    expect(
      lines.filter((line) => line.includes('watched')).map((line) => line.split('=')[1]),
    ).toEqual(['NOTIFY watched']);
    await other.close();
  });

  it('sends raw lines; what comes back is the event line', async () => {
    const line = next(client, 'line');
    await client.sendRaw('NONSENSE é');
    expect(await line).toBe('OVERHEAD E unknown_command NONSENSE é');
  });

  it('the answer to a raw line is not taken for the answer to a request', async () => {
    await client.store('x', '1');
    await client.store('y', '2');
    const answers: string[] = [];
    const off = client.on('line', (line) => answers.push(line));
    for (const line of ['RETRIEVE x', 'KEYLIST', 'CLIENTLIST', 'FLUSH clacks-ts-9']) {
      void client.sendRaw(line);
      expect(await Promise.all([client.retrieve('y'), client.retrieve('x')])).toEqual(['2', '1']);
    }
    off();
    expect(answers).toEqual(expect.arrayContaining(['KEYLISTEND', 'FLUSHED clacks-ts-9']));
  });

  it('tens of thousands of requests at once are answered in linear time', async () => {
    await client.store('x', '1');
    const values = await Promise.all(Array.from({ length: 50_000 }, () => client.retrieve('x')));
    expect(new Set(values)).toEqual(new Set(['1']));
  });

  it('tells who the server is', () => {
    expect(client.serverInfo).toMatch(/^clacks-ts /u);
    expect(client.connected).toBe(true);
  });

  it('sends nothing for names, lines, steps and times that are wrong', async () => {
    const lines: string[] = [];
    await using scripted = await ScriptedServer.start();
    const other = await connectTo(scripted);
    for (const name of ['', 'a b', 'a=b', 'a\nb', 'a\rQUIT']) {
      for (const verb of [
        'notify',
        'remove',
        'increment',
        'decrement',
        'retrieve',
        'listen',
        'unlisten',
      ] as const) {
        await expect(async () => other[verb](name), `${verb} ${name}`).rejects.toThrow(TypeError);
      }
      for (const verb of ['set', 'store', 'setAndStore'] as const) {
        await expect(async () => other[verb](name, 'x')).rejects.toThrow(TypeError);
      }
    }
    for (const step of ['', ' ', 'x', '0x10', '1\nQUIT', NaN, Infinity]) {
      await expect(async () => other.increment('x', step)).rejects.toThrow(TypeError);
    }
    await expect(async () => other.sendRaw('PING\r\nQUIT')).rejects.toThrow(TypeError);
    await expect(async () => other.disconnectClient('1\nQUIT')).rejects.toThrow(TypeError);
    for (const timeoutMs of [0, -1, NaN, Infinity, 2 ** 31]) {
      await expect(async () => other.flush({ timeoutMs })).rejects.toThrow(TypeError);
    }
    await other.flush();
    lines.push(...(await scripted.peer(0)).received);
    expect(lines.filter((line) => !/^(?:CLACKS|OVERHEAD A|FLUSH)/u.test(line))).toEqual([]);
    other.destroy();
  });

  it('a denied request is rejected, and only that one, also after a denied SET', async () => {
    const reader = await connectTo(server, { username: 'reader', password: 'readerpass' });
    const guest = await connectTo(server, { username: 'guest', password: 'guestpass' });
    const errors: string[] = [];
    reader.on('serverError', (error) => errors.push(error));
    await client.store('readable', 'yes');
    const [, value, cleared, keys, list, monitor, again] = await Promise.allSettled([
      reader.set('x', '1'),
      reader.retrieve('readable'),
      reader.clearCache(),
      reader.keylist(),
      reader.clientList(),
      reader.monitor(() => undefined),
      reader.retrieve('readable'),
    ]);
    const denied = { status: 'rejected', reason: withCode('CLACKS_ERR_DENIED') };
    expect(value).toEqual({ status: 'fulfilled', value: 'yes' });
    expect(keys).toMatchObject({ status: 'fulfilled' });
    expect([cleared, list, monitor]).toEqual([denied, denied, denied]);
    expect(again).toEqual({ status: 'fulfilled', value: 'yes' });
    expect(errors.length).toBe(4);
    await expect(reader.clientList()).rejects.toThrow('permission_denied');
    await expect(guest.retrieve('readable')).rejects.toEqual(withCode('CLACKS_ERR_DENIED'));
    await expect(guest.keylist()).rejects.toEqual(withCode('CLACKS_ERR_DENIED'));
    reader.destroy();
    guest.destroy();
  });
});
