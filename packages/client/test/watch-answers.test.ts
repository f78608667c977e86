import type { WatchedValue } from '@clacks/client';
import { describe, expect, it } from 'vitest';
import { connectTo, withCode } from './support/clients.ts';
import { answerFlush, ScriptedServer } from './support/scripted-server.ts';
import type { Peer } from './support/scripted-server.ts';

const valuesOf = (values: readonly WatchedValue[]) => values.map(({ value }) => value);

describe('what watching sends and makes of the answers', () => {
  const answers =
    (retrieved: (name: string, peer: Peer) => void) =>
    (line: string, peer: Peer): void => {
      answerFlush(line, peer);
      if (line.startsWith('RETRIEVE ')) retrieved(line.slice('RETRIEVE '.length), peer);
    };

  it('listens first, then reads; what comes before the answer is in it', async () => {
    await using server = await ScriptedServer.start({
      script: answers((name, peer) => {
        peer.send(`SET ${name}=1`, `SET ${name}=2`, `RETRIEVED ${name}=2`, `SET ${name}=3`);
      }),
    });
    const client = await connectTo(server);
    const values: WatchedValue[] = [];
    client.watch('x', (value) => values.push(value));
    await client.flush();
    expect(valuesOf(values)).toEqual(['2', '3']);
    const { received } = await server.peer(0);
    expect(received.filter((line) => line.endsWith(' x'))).toEqual(['LISTEN x', 'RETRIEVE x']);
    client.destroy();
  });

  it('a connection that is lost before the answer leaves nothing out', async () => {
    await using server = await ScriptedServer.start({
      script: answers((name, peer) => {
        if (server.peers.length === 1) peer.socket.destroy();
        else peer.send(`RETRIEVED ${name}=now`);
      }),
    });
    const client = await connectTo(server);
    const iterator = client.watch('x')[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toMatchObject({ value: 'now', mayHaveMissed: false });
    client.destroy();
  });

  it('an answer that is late is taken all the same', async () => {
    await using server = await ScriptedServer.start({ script: answerFlush });
    const client = await connectTo(server, { requestTimeoutMs: 10 });
    const iterator = client.watch('x')[Symbol.asyncIterator]();
    const value = iterator.next();
    const peer = await server.peer(0);
    await peer.waitFor('RETRIEVE x');
    // Nothing is answered within its time.
    await expect(client.retrieve('y')).rejects.toEqual(withCode('CLACKS_ERR_TIMEOUT'));
    peer.send('RETRIEVED x=late');
    expect((await value).value).toMatchObject({ value: 'late' });
    client.destroy();
  });

  it('reads again until it is answered, and takes one answer', async () => {
    await using server = await ScriptedServer.start({ script: answerFlush });
    const client = await connectTo(server, { requestTimeoutMs: 10 });
    const values: WatchedValue[] = [];
    client.watch('x', (value) => values.push(value));
    const loop = client.watch('z')[Symbol.asyncIterator]();
    const ended = client.listen('end')[Symbol.asyncIterator]().next();
    const peer = await server.peer(0);
    await peer.waitFor('RETRIEVE x', 3);
    await peer.waitFor('RETRIEVE z', 3);
    peer.send('RETRIEVED x=late', 'SET x=later', 'RETRIEVED x=late', 'NOTRETRIEVED z');
    peer.send('RETRIEVED x=late', 'SET end=1');
    await ended;
    expect(values).toMatchObject([
      { value: 'late', source: 'stored', mayHaveMissed: false },
      { value: 'later', source: 'signal', mayHaveMissed: false },
    ]);
    expect((await loop.next()).value).toMatchObject({ value: undefined });
    client.destroy();
  });

  it('goes on when too many requests wait, and says that something may have been missed', async () => {
    await using server = await ScriptedServer.start({
      script: answers((name, peer) => {
        if (name === 'x') peer.send('RETRIEVED x=1');
      }),
    });
    const client = await connectTo(server);
    const values: WatchedValue[] = [];
    client.watch('x', (value) => values.push(value));
    await client.flush();
    const peer = await server.peer(0);
    const waiting = Array.from({ length: 100_000 }, () => client.retrieve('y'));
    await expect(client.retrieve('y')).rejects.toEqual(withCode('CLACKS_ERR_QUEUE_FULL'));
    // Neither the first reading of one nor that of what the client has written itself can be asked.
    const loop = client.watch('x')[Symbol.asyncIterator]();
    await client.store('x', '2');
    await peer.waitFor('STORE x=2');
    server.script = answers((name) => {
      if (name === 'x') peer.send('RETRIEVED x=2');
    });
    peer.send(...waiting.map(() => 'NOTRETRIEVED y'));
    await Promise.all(waiting);
    expect((await loop.next()).value).toMatchObject({ value: '2', mayHaveMissed: false });
    while (values.length < 2) await client.flush();
    expect(values).toMatchObject([
      { value: '1', mayHaveMissed: false },
      { value: '2', source: 'stored', mayHaveMissed: true },
    ]);
    client.destroy();
  });

  it('a signal that came between a write and its reading is not given twice', async () => {
    await using server = await ScriptedServer.start({
      script: answers((name, peer) => {
        if (peer.received.some((line) => line.startsWith('STORE'))) {
          peer.send(`SET ${name}=theirs`, `RETRIEVED ${name}=theirs`);
        } else {
          peer.send(`NOTRETRIEVED ${name}`);
        }
      }),
    });
    const client = await connectTo(server);
    const values: WatchedValue[] = [];
    client.watch('x', (value) => values.push(value));
    await client.flush();
    await client.store('x', 'ours');
    await client.flush();
    await client.flush();
    expect(valuesOf(values)).toEqual([undefined, 'theirs']);
    client.destroy();
  });
});
