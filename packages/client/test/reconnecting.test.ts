import { describe, expect, it, vi } from 'vitest';
import { TestServer } from '../../../test/support/test-server.ts';
import { pauses } from '../src/reconnect.ts';
import { connectTo, next, withCode } from './support/clients.ts';
import { answerFlush, ScriptedServer } from './support/scripted-server.ts';

const commands = (lines: readonly string[]): string[] =>
  lines.filter((line) => !/^(?:CLACKS|OVERHEAD A|FLUSH)/u.test(line));

describe('reconnecting', () => {
  it('a server that restarts is found again: listened again, and what was written arrives in order', async () => {
    await using server = await TestServer.start();
    const listener = await connectTo(server);
    const sender = await connectTo(server);
    const values: string[] = [];
    listener.listen('x', (signal) => {
      if (signal.type === 'set') values.push(signal.value);
    });
    const lost = Promise.all([next(listener, 'disconnected'), next(sender, 'disconnected')]);
    const found = Promise.all([next(listener, 'reconnected'), next(sender, 'reconnected')]);
    const restarted = server.restart();
    const [event] = await lost;
    expect(event).toMatchObject({ reason: 'QUIT', willReconnect: true });
    expect(event.error).toEqual(withCode('CLACKS_ERR_CONNECTION_LOST'));
    expect(sender.connected).toBe(false);
    await expect(sender.retrieve('x')).rejects.toEqual(withCode('CLACKS_ERR_CONNECTION_LOST'));
    const written = [1, 2, 3].map((value) => sender.store('kept', String(value)));
    await restarted;
    const [again] = await found;
    expect(again.attempts).toBeGreaterThan(0);
    expect(again.downMs).toBeGreaterThan(0);
    await Promise.all(written);
    expect(await sender.retrieve('kept')).toBe('3');
    await listener.flush();
    await sender.set('x', 'after');
    await sender.flush();
    await listener.flush();
    expect(values).toEqual(['after']);
    await Promise.all([listener.close(), sender.close()]);
  });

  it('a new connection is told first what the lost one knew, then what was written', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server);
    client.listen('x');
    client.listen('a::*');
    await client.monitor(() => undefined);
    client.noPing();
    const lost = next(client, 'disconnected');
    (await server.peer(0)).socket.destroy();
    await lost;
    void client.notify('one');
    void client.set('two', '2');
    client.listen('late');
    await next(client, 'reconnected');
    await client.flush();
    expect(commands((await server.peer(1)).received)).toEqual([
      'LISTEN x',
      'LISTEN late',
      'LISTEN a::*',
      'MONITOR',
      'NOPING',
      'NOTIFY one',
      'SET two=2',
    ]);
    client.destroy();
  });

  it.each(['QUIT', 'TIMEOUT'])('the reason is %s when the server says so', async (word) => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server, { reconnect: false });
    const closed = next(client, 'closed');
    const lost = next(client, 'disconnected');
    (await server.peer(0)).socket.end(`SET half=\r\n${word}\r\n`);
    expect(await lost).toMatchObject({ reason: word, willReconnect: false });
    expect((await closed).error).toEqual(withCode('CLACKS_ERR_CONNECTION_LOST'));
  });

  it('a server that comes back with another password ends it, and is not asked again', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server);
    const closed = next(client, 'closed');
    const dropped = next(client, 'dropped');
    client.on('disconnected', () => void client.notify('waiting'));
    server.password = 'changed';
    (await server.peer(0)).socket.destroy();
    const failed = withCode('CLACKS_ERR_LOGIN_FAILED');
    expect(await closed).toEqual({ error: failed });
    expect(await dropped).toEqual({ lines: 1, bytes: 16, error: failed });
    expect(server.peers).toHaveLength(2);
    await expect(client.notify('x')).rejects.toEqual(withCode('CLACKS_ERR_CLOSED'));
  });

  it('a server that stops answering is left', async () => {
    await using server = await ScriptedServer.start({ script: () => undefined });
    const client = await connectTo(server, { idleTimeoutMs: 20, requestTimeoutMs: 20 });
    const lost = next(client, 'disconnected');
    const found = next(client, 'reconnected');
    await expect(client.retrieve('x')).rejects.toEqual(withCode('CLACKS_ERR_TIMEOUT'));
    expect((await lost).error).toEqual(withCode('CLACKS_ERR_CONNECTION_LOST'));
    server.script = answerFlush;
    await found;
    client.destroy();
  });

  it('a silent server that answers the probe is kept', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server, { idleTimeoutMs: 10 });
    const lost = vi.fn();
    client.on('disconnected', lost);
    await (await server.peer(0)).waitFor('FLUSH clacks-ts-3');
    expect(lost).not.toHaveBeenCalled();
    client.destroy();
  });

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

  it('pauses grow to their bound, and are jittered', () => {
    const take = (random: number): number[] => {
      const each = pauses({ initialDelayMs: 100, maxDelayMs: 1000 }, () => random);
      return Array.from({ length: 7 }, () => each.next().value);
    };
    expect(take(0)).toEqual([0, 50, 100, 200, 400, 500, 500]);
    expect(take(1)).toEqual([100, 100, 200, 400, 800, 1000, 1000]);
  });
});

describe('closing', () => {
  it('close sends what was written, takes leave, and resolves for everybody who asked', async () => {
    await using server = await ScriptedServer.start({
      script: (line, peer) => {
        answerFlush(line, peer);
        if (line === 'QUIT') peer.socket.end();
      },
    });
    const client = await connectTo(server);
    const closed = vi.fn();
    client.on('closed', closed);
    void client.store('x', '1');
    await Promise.all([client.close(), client.close()]);
    expect(commands((await server.peer(0)).received)).toEqual(['STORE x=1', 'QUIT']);
    expect(closed.mock.calls).toEqual([[{ error: undefined }]]);
    await client[Symbol.asyncDispose]();
    await expect(client.notify('x')).rejects.toEqual(withCode('CLACKS_ERR_CLOSED'));
  });

  it('close does not wait long for a server that does not answer', async () => {
    await using server = await ScriptedServer.start({ script: () => undefined });
    const client = await connectTo(server, { requestTimeoutMs: 30 });
    await client.close();
    await (await server.peer(0)).closed();
  });

  it('destroy is at once: requests fail, nothing more is handed out, what was not sent is told', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server);
    const names: string[] = [];
    const dropped = next(client, 'dropped');
    client.on('signal', ({ name }) => {
      names.push(name);
      void client.notify('unsent');
      client.destroy();
    });
    const request = client.retrieve('x');
    (await server.peer(0)).send('NOTIFY one', 'NOTIFY two');
    const closed = withCode('CLACKS_ERR_CLOSED');
    await expect(request).rejects.toEqual(closed);
    expect(await dropped).toEqual({ lines: 1, bytes: 15, error: closed });
    expect(names).toEqual(['one']);
    expect(client.connected).toBe(false);
    await (await server.peer(0)).closed();
  });

  it('close while there is no connection gives up what waits', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server, { reconnect: { initialDelayMs: 10_000 } });
    const lost = next(client, 'disconnected');
    (await server.peer(0)).socket.destroy();
    await lost;
    const written = client.notify('x');
    await client.close();
    await expect(written).rejects.toEqual(withCode('CLACKS_ERR_CLOSED'));
  });

  it('destroy from a handler of disconnected stops reconnecting', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server);
    const closed = next(client, 'closed');
    client.on('disconnected', () => {
      client.destroy();
    });
    (await server.peer(0)).socket.destroy();
    await closed;
    expect(server.peers).toHaveLength(1);
  });

  it('destroy from a line that came with the welcome of a reconnection stays destroyed', async () => {
    await using server = await ScriptedServer.start({
      welcome: 'OVERHEAD O Welcome!\r\nOVERHEAD M hello\r\n',
    });
    const client = await connectTo(server);
    const reconnected = vi.fn();
    client.on('reconnected', reconnected);
    const greeted = new Promise<void>((resolve) => {
      client.on('message', () => {
        client.destroy();
        resolve();
      });
    });
    (await server.peer(0)).socket.destroy();
    await greeted;
    await (await server.peer(1)).closed();
    expect(reconnected).not.toHaveBeenCalled();
    expect(client.connected).toBe(false);
  });
});

describe('remembering', () => {
  it('sends a name about once an hour, or none', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      await using server = await ScriptedServer.start();
      const client = await connectTo(server, { remember: 'Terry Pratchett' });
      const silent = await connectTo(server, { remember: false });
      vi.advanceTimersByTime(1.1 * 3_600_000);
      await client.flush();
      await silent.flush();
      const sent = commands((await server.peer(0)).received).filter((line) => line !== 'PING');
      expect(sent).toEqual(['OVERHEAD GNU Terry Pratchett']);
      expect((await server.peer(1)).received.join()).not.toContain('GNU');
      client.destroy();
      silent.destroy();
    } finally {
      vi.useRealTimers();
    }
  });
});
