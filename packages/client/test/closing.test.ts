import { describe, expect, it, vi } from 'vitest';
import { connectTo, next, withCode } from './support/clients.ts';
import { answerFlush, ScriptedServer } from './support/scripted-server.ts';

const commands = (lines: readonly string[]): string[] =>
  lines.filter((line) => !/^(?:CLACKS|OVERHEAD A|FLUSH)/u.test(line));

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
    void client.store('x', '1');
    // Nobody says that it was stored.
    await expect(client.close()).rejects.toEqual(withCode('CLACKS_ERR_TIMEOUT'));
    await (await server.peer(0)).closed();
  });

  it('close ends when the client is destroyed meanwhile', async () => {
    await using server = await ScriptedServer.start({ script: () => undefined });
    const client = await connectTo(server);
    const closing = client.close();
    client.destroy();
    await closing;
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
