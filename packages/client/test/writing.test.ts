import { describe, expect, it, vi } from 'vitest';
import { connectTo, next, withCode } from './support/clients.ts';
import { answerFlush, ScriptedServer } from './support/scripted-server.ts';

describe('writing', () => {
  it('a server that ends without reading what waits is left', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server, { reconnect: false });
    const peer = await server.peer(0);
    await client.flush();
    peer.socket.pause();
    const dropped = next(client, 'dropped');
    const lost = next(client, 'disconnected');
    for (let index = 0; index < 64; index++) void client.store('x', 'x'.repeat(100_000));
    await new Promise(setImmediate);
    peer.socket.end();
    await lost;
    const { lines, bytes, error } = await dropped;
    expect(lines).toBeGreaterThan(0);
    expect(bytes).toBe(lines * 100_010);
    expect(error).toEqual(withCode('CLACKS_ERR_CONNECTION_LOST'));
  });

  it('what waits for a server that does not read is bounded', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server, { outboxBytes: 1000, caching: true });
    (await server.peer(0)).socket.pause();
    void client.set('x', 'x'.repeat(900));
    const full = withCode('CLACKS_ERR_QUEUE_FULL');
    const refused = client.set('y', 'y'.repeat(900));
    // The same value once more is not taken for sent.
    await expect(client.set('y', 'y'.repeat(900))).rejects.toEqual(full);
    await expect(refused).rejects.toEqual(full);
    client.destroy();
  });

  it('who waits for each write is never refused by a server that reads', async () => {
    await using server = await ScriptedServer.start({ script: () => undefined });
    const client = await connectTo(server, { outboxBytes: 100_000 });
    const value = 'x'.repeat(1000);
    for (let index = 0; index < 5000; index++) await client.store('x', value);
    server.script = answerFlush;
    await client.flush();
    expect((await server.peer(0)).received.filter((line) => line.startsWith('STORE'))).toHaveLength(
      5000,
    );
    client.destroy();
  });

  it('who waits for a write that was not sent is told', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server);
    const peer = await server.peer(0);
    await client.flush();
    peer.socket.pause();
    let written = Promise.resolve();
    for (let index = 0; index < 64; index++) written = client.store('x', 'x'.repeat(100_000));
    const lost = expect(written).rejects.toEqual(withCode('CLACKS_ERR_CONNECTION_LOST'));
    await new Promise(setImmediate);
    peer.socket.destroy();
    await lost;
    client.destroy();
  });

  it('with caching, a value set after a loss is sent, though it has not changed', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server, { caching: true });
    await client.set('x', '1');
    await client.flush();
    const lost = next(client, 'disconnected');
    (await server.peer(0)).socket.destroy();
    await lost;
    void client.set('x', '1');
    void client.set('x', '1');
    await (await server.peer(1)).waitFor('SET x=1');
    await client.flush();
    const { received } = await server.peer(1);
    expect(received.filter((line) => line === 'SET x=1')).toHaveLength(1);
    client.destroy();
  });

  it('without a connection, what is written is rejected if asked for', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server, { offline: 'reject' });
    const lost = next(client, 'disconnected');
    (await server.peer(0)).socket.destroy();
    await lost;
    await expect(client.notify('x')).rejects.toEqual(withCode('CLACKS_ERR_CONNECTION_LOST'));
    client.destroy();
  });

  it('a full queue rejects and tells; ignoring that is no unhandled rejection', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    await using server = await ScriptedServer.start();
    const client = await connectTo(server, { offlineQueueBytes: 20 });
    const dropped: unknown[] = [];
    client.on('dropped', ({ lines, bytes, error }) => dropped.push([lines, bytes, error.code]));
    const lost = next(client, 'disconnected');
    (await server.peer(0)).socket.destroy();
    await lost;
    void client.notify('first');
    void client.notify('second');
    const third = client.notify('third');
    await expect(third).rejects.toEqual(withCode('CLACKS_ERR_QUEUE_FULL'));
    client.destroy();
    await new Promise(setImmediate);
    expect(dropped).toEqual([
      [1, 15, 'CLACKS_ERR_QUEUE_FULL'],
      [1, 14, 'CLACKS_ERR_QUEUE_FULL'],
      [1, 14, 'CLACKS_ERR_CLOSED'],
    ]);
    expect(unhandled).not.toHaveBeenCalled();
    process.off('unhandledRejection', unhandled);
  });

  it('a flush does not vouch for what was written on a connection that was lost', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server);
    await client.store('x', '1');
    const [lost, reconnected] = [next(client, 'disconnected'), next(client, 'reconnected')];
    (await server.peer(0)).socket.destroy();
    await lost;
    await reconnected;
    await expect(client.flush()).rejects.toEqual(withCode('CLACKS_ERR_CONNECTION_LOST'));
    // That was about the line above: it may be written again.
    await client.store('x', '1');
    await client.flush();
    await client.close();
  });

  it('a loss that a flush was told of is not told again', async () => {
    await using server = await ScriptedServer.start({ script: () => undefined });
    const client = await connectTo(server);
    const reconnected = next(client, 'reconnected');
    await client.store('x', '1');
    const flushed = client.flush();
    const peer = await server.peer(0);
    await peer.waitFor('STORE x=1');
    peer.socket.destroy();
    await expect(flushed).rejects.toEqual(withCode('CLACKS_ERR_CONNECTION_LOST'));
    await reconnected;
    server.script = answerFlush;
    await client.flush();
    await client.close();
  });

  it('what was confirmed before a loss is not doubted', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server);
    const reconnected = next(client, 'reconnected');
    await client.store('x', '1');
    await client.flush();
    (await server.peer(0)).socket.destroy();
    await reconnected;
    await client.flush();
    await client.close();
  });

  it('a line that the server would not take is refused before it is sent', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server, { maxLineLength: 100 });
    expect(() => client.store('x', 'x'.repeat(93))).toThrow(TypeError);
    expect(() => client.listen('x'.repeat(100))).toThrow(/maxLineLength is 100/u);
    await client.store('x', 'x'.repeat(92));
    await client.close();
  });
});
