import { getEventListeners } from 'node:events';
import { ClacksClientError } from '@clacks/client';
import { describe, expect, it, vi } from 'vitest';
import { connectTo, next, withCode } from './support/clients.ts';
import { answerFlush, ScriptedServer } from './support/scripted-server.ts';

describe('requests to a server that misbehaves', () => {
  it('a request that is not answered times out, and its late answer is not given to the next', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server, { requestTimeoutMs: 50 });
    await expect(client.retrieve('x')).rejects.toEqual(withCode('CLACKS_ERR_TIMEOUT'));
    const second = client.retrieve('x', { timeoutMs: 10_000 });
    const peer = await server.peer(0);
    await peer.waitFor('RETRIEVE x', 2);
    peer.send('RETRIEVED x=late', 'RETRIEVED x=right');
    expect(await second).toBe('right');
    client.destroy();
  });

  it('is noticed to be gone, also when no more requests are taken', async () => {
    await using server = await ScriptedServer.start({ script: () => undefined });
    const client = await connectTo(server, { idleTimeoutMs: 50, requestTimeoutMs: 200 });
    const lost = next(client, 'disconnected');
    const requests = Array.from({ length: 100_000 }, () => client.retrieve('x'));
    const settled = Promise.allSettled(requests);
    await expect(client.flush()).rejects.toEqual(withCode('CLACKS_ERR_QUEUE_FULL'));
    expect((await lost).reason).toMatch(/did not answer/u);
    await settled;
    client.destroy();
  });

  it('an aborted request is rejected at once, and leaves no listener on the signal', async () => {
    await using server = await ScriptedServer.start({
      script: (line, peer) => {
        if (line === 'RETRIEVE answered') peer.send('RETRIEVED answered=1');
      },
    });
    const client = await connectTo(server);
    const controller = new AbortController();
    const { signal } = controller;
    expect(await client.retrieve('answered', { signal })).toBe('1');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    const request = client.retrieve('x', { signal });
    controller.abort(new Error('enough'));
    const error: unknown = await request.catch((thrown: unknown) => thrown);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(error).toBeInstanceOf(ClacksClientError);
    expect(error).toMatchObject({ code: 'CLACKS_ERR_ABORTED', cause: signal.reason as Error });
    client.destroy();
  });

  it('a request whose signal was aborted before sends nothing', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server);
    const options = { signal: AbortSignal.abort() };
    const aborted = withCode('CLACKS_ERR_ABORTED');
    await expect(client.clearCache(options)).rejects.toEqual(aborted);
    await expect(client.keylist(options)).rejects.toEqual(aborted);
    await expect(client.disconnectClient('1', options)).rejects.toEqual(aborted);
    await client.flush();
    const { received } = await server.peer(0);
    expect(received.slice(2).every((line) => line.startsWith('FLUSH'))).toBe(true);
    client.destroy();
  });

  it('a denial that comes together with the end of the one before is noticed', async () => {
    await using server = await ScriptedServer.start({
      script: (line, peer) => {
        if (line === 'RETRIEVE a') peer.send('OVERHEAD E permission_denied');
      },
    });
    const client = await connectTo(server);
    const first = client.retrieve('a');
    first.catch(() => undefined);
    await next(client, 'serverError');
    const second = client.retrieve('b');
    second.catch(() => undefined);
    const peer = await server.peer(0);
    const lines = await peer.waitFor('RETRIEVE b');
    const fence = lines.find((line) => line.startsWith('FLUSH '))?.slice('FLUSH '.length) ?? '';
    server.script = answerFlush;
    peer.send(`FLUSHED ${fence}`, 'OVERHEAD E permission_denied');
    await expect(first).rejects.toEqual(withCode('CLACKS_ERR_DENIED'));
    await expect(second).rejects.toEqual(withCode('CLACKS_ERR_DENIED'));
    client.destroy();
  });

  it('a line of the mirror that comes with the permission to watch is handed out', async () => {
    await using server = await ScriptedServer.start({
      script: (line, peer) => {
        if (line === 'MONITOR') peer.send('DEBUG 1=first');
        answerFlush(line, peer);
      },
    });
    const client = await connectTo(server);
    const lines: string[] = [];
    await client.monitor((line) => lines.push(line));
    expect(lines).toEqual(['1=first']);
    client.destroy();
  });

  it('a connection that closes within an answer fails the request', async () => {
    await using server = await ScriptedServer.start({
      script: (line, peer) => {
        if (line !== 'KEYLIST') return;
        peer.sendRaw('KEYLISTSTART\r\nKEY a\r\nKE');
        peer.socket.end();
      },
    });
    const client = await connectTo(server, { reconnect: false });
    const lost = withCode('CLACKS_ERR_CONNECTION_LOST');
    const requests = [client.keylist(), client.retrieve('x'), client.flush()];
    for (const request of requests) await expect(request).rejects.toEqual(lost);
    await expect(client.flush()).rejects.toEqual(withCode('CLACKS_ERR_CLOSED'));
  });

  it('a command that the server does not know is refused with what it says', async () => {
    await using server = await ScriptedServer.start({
      script: (line, peer) => {
        answerFlush(line, peer);
        if (line === 'MONITOR' || line === 'KEYLIST') {
          peer.send(`OVERHEAD E unknown_command ${line}`);
        }
      },
    });
    const client = await connectTo(server);
    await expect(client.monitor(() => undefined)).rejects.toThrow('unknown_command MONITOR');
    await expect(client.keylist()).rejects.toThrow('unknown_command KEYLIST');
    client.destroy();
  });

  it("another client's forwarded error is not the server's", async () => {
    await using server = await ScriptedServer.start({
      script: (line, peer) => {
        if (line === 'MONITOR') peer.send('OVERHEAD EG permission_denied');
        answerFlush(line, peer);
      },
    });
    const client = await connectTo(server);
    const errors = vi.fn();
    client.on('serverError', errors);
    const forwarded = next(client, 'overhead');
    await client.monitor(() => undefined);
    expect(await forwarded).toEqual({ flags: 'EG', text: 'permission_denied' });
    expect(errors).not.toHaveBeenCalled();
    client.destroy();
  });

  it('garbage and NOPs between answers do no harm', async () => {
    await using server = await ScriptedServer.start({
      script: (line, peer) => {
        if (line !== 'RETRIEVE x') return;
        peer.sendRaw(
          '\0\xff\xfe\r\nNOP\r\n\r\n=\r\nRETRIEVED\r\nRETRIEVED y=2\r\nOVERHEAD\r\nSET\r\n',
        );
        peer.sendRaw('RETRIEVED x=');
        peer.sendRaw('1\r\n');
      },
    });
    const client = await connectTo(server);
    expect(await client.retrieve('x')).toBe('1');
    client.destroy();
  });

  it('sends a message back that asks for it, and only that', async () => {
    await using server = await ScriptedServer.start();
    const client = await connectTo(server);
    const messages: string[] = [];
    client.on('message', (message) => messages.push(message));
    const peer = await server.peer(0);
    peer.send('OVERHEAD M hello', 'OVERHEAD MU é', 'OVERHEAD MNU quiet');
    await peer.waitFor('OVERHEAD MN quiet');
    expect(peer.received.slice(2)).toEqual(['OVERHEAD M \u00e9', 'OVERHEAD MN quiet']);
    expect(messages).toHaveLength(3);
    const named = next(client, 'overhead');
    peer.send('OVERHEAD GN Terry Pratchett');
    expect(await named).toMatchObject({ text: 'Terry Pratchett' });
    client.destroy();
  });
});
