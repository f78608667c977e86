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

  it('a server that says QUIT and stays is left', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server);
    const lost = next(client, 'disconnected');
    (await server.peer(0)).send('QUIT');
    expect((await lost).reason).toBe('QUIT');
    await (await server.peer(0)).closed();
    client.destroy();
  });

  it('a server that throws us out again and again is asked less and less often', async () => {
    await using server = await ScriptedServer.start({
      welcome: 'OVERHEAD O Welcome!\r\nQUIT\r\n',
    });
    const client = await connectTo(server, {
      reconnect: { initialDelayMs: 1, maxDelayMs: 1_000_000 },
    });
    // The pause before the eighth attempt is one of 32 to 64 ms.
    await server.peer(7);
    const startedAtMs = performance.now();
    await server.peer(8);
    expect(performance.now() - startedAtMs).toBeGreaterThan(30);
    client.destroy();
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

describe('remembering', () => {
  it('being denied to is nothing that the program hears of', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      await using server = await ScriptedServer.start({
        script: (line, peer) => {
          if (line.startsWith('OVERHEAD GNU')) peer.send('OVERHEAD E permission_denied');
          answerFlush(line, peer);
        },
      });
      const client = await connectTo(server, { remember: 'Terry Pratchett' });
      const errors = vi.fn();
      client.on('serverError', errors);
      vi.advanceTimersByTime(1.1 * 3_600_000);
      await client.flush();
      expect((await server.peer(0)).received).toContain('OVERHEAD GNU Terry Pratchett');
      expect(errors).not.toHaveBeenCalled();
      client.destroy();
    } finally {
      vi.useRealTimers();
    }
  });

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
