import { once } from 'node:events';
import net from 'node:net';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { TestServer } from '../support/test-server.ts';
import { FrameClient, loginLine, plainWebSocket, upgradeRequest } from './support.ts';

const mib = 1024 * 1024;

const startServer = (xml = ''): Promise<TestServer> =>
  TestServer.start({ xml: `${plainWebSocket}${xml}` });

type Reason = 'line_limit' | 'login_limit' | 'input_limit';

/** Waits until a connection is closed for that reason; `other` goes on being served. */
const closedFor = async (server: TestServer, reason: Reason, other: RawClient): Promise<void> => {
  while (server.server.statistics?.connections.closed[reason] !== 1) await other.fence();
};

/** A TCP connection to the port of a server's WebSocket. */
const connectTcp = async (server: TestServer): Promise<Socket> => {
  const socket = net.connect(Number(new URL(server.webSocketUrl).port), '127.0.0.1');
  await once(socket, 'connect');
  return socket.on('error', () => undefined);
};

/** One that has got a WebSocket, and sends frames as it likes. */
const openByHand = async (server: TestServer): Promise<Socket> => {
  const socket = await connectTcp(server);
  socket.write(upgradeRequest);
  for (let text = ''; !text.includes('Authentication required');) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    text += chunk.toString('latin1');
  }
  return socket.resume();
};

/** The head of a frame that is masked with 0: what follows is sent as it is meant. */
const head = (opcode: number, length: number, fin = true): Buffer => {
  const bytes = Buffer.alloc(14);
  bytes[0] = (fin ? 0x80 : 0) + opcode;
  bytes[1] = 0x80 + 127;
  bytes.writeBigUInt64BE(BigInt(length), 2);
  return bytes;
};

/** Waits until the server has closed it, however roughly. */
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.closed) resolve();
    else
      socket.once('close', () => {
        resolve();
      });
  });

describe('a WebSocket of somebody hostile', () => {
  it('with a frame that is too long is closed, and nothing of it is kept', async () => {
    await using server = await startServer(`<maxlinelength>${mib}</maxlinelength>`);
    const client = await FrameClient.login(server);
    client.webSocket.send('x'.repeat(2 * mib));
    expect(await client.closed()).toBe(1009);
    const other = await RawClient.login(server);
    await closedFor(server, 'line_limit', other);
    other.destroy();
  });

  it('with a line that is too long, over many frames, is told so', async () => {
    await using server = await startServer(`<maxlinelength>${mib}</maxlinelength>`);
    const client = await FrameClient.login(server);
    for (let part = 0; part < 40; part++) client.webSocket.send('x'.repeat(64 * 1024));
    expect(await client.closed()).toBe(1000);
    expect(client.text).toContain(`OVERHEAD E limit_exceeded maxlinelength ${mib} bytes`);
  });

  it('that sends too much before its login is closed while its frame is not even complete', async () => {
    await using server = await startServer();
    const socket = await openByHand(server);
    // 8 MiB are announced.
    socket.write(head(2, 8 * mib));
    socket.write(Buffer.alloc(512 * 1024));
    const other = await RawClient.login(server);
    await closedFor(server, 'login_limit', other);
    await closed(socket);
    other.destroy();
  });

  it('that pings amid the pieces of a frame hides nothing of it', async () => {
    await using server = await startServer();
    const socket = await openByHand(server);
    const ping = Buffer.from([0x89, 0x80, 0, 0, 0, 0]);
    const piece = Buffer.alloc(4096);
    const gone = closed(socket);
    let answers = '';
    for (let opcode = 2; !answers.includes('limit_exceeded'); opcode = 0) {
      socket.write(Buffer.concat([head(opcode, piece.length, false), piece, ping]));
      // A chunk of its own, for each.
      answers += String(await once(socket, 'data'));
    }
    const other = await RawClient.login(server);
    await closedFor(server, 'login_limit', other);
    await gone;
    other.destroy();
  });

  it('that only pings does not keep a line that it has begun', async () => {
    await using server = await startServer('<pingtimeout>1</pingtimeout>');
    const client = await FrameClient.login(server);
    client.webSocket.send('STORE x=unfinished');
    client.webSocket.on('pong', () => {
      client.webSocket.ping();
    });
    client.webSocket.ping();
    expect(await client.closed()).toBe(1000);
    expect(client.text.endsWith('TIMEOUT\r\n')).toBe(true);
  });

  it('with the longest frame that is not complete is closed when there are too many of them', async () => {
    await using server = await startServer(
      `<maxbuffered>${2 * mib}</maxbuffered><maxlinelength>${4 * mib}</maxlinelength>`,
    );
    const witness = await RawClient.login(server);
    const begin = async (bytes: number): Promise<Socket> => {
      const socket = await openByHand(server);
      const line = Buffer.from(loginLine);
      socket.write(Buffer.concat([head(2, line.length), line, head(2, 4 * mib)]));
      socket.write(Buffer.alloc(bytes));
      return socket;
    };
    const longest = await begin(1.5 * mib);
    // What it has sent has to be there before the other one sends.
    for (let held = 0; held < 1.3 * mib;) {
      witness.send('CLIENTLIST');
      const lengths = (await witness.fence()).map((line) => /INBUFFER_LENGTH=(\d+)/u.exec(line));
      held = Math.max(...lengths.map((match) => Number(match?.[1] ?? 0)));
    }
    const other = await begin(mib);
    await closedFor(server, 'input_limit', witness);
    await closed(longest);
    expect(other.destroyed).toBe(false);
    other.destroy();
    witness.destroy();
  });

  it.each([
    ['is not masked', Buffer.from([0x82, 0x01, 0x41])],
    ['has an opcode that means nothing', head(3, 0)],
    ['says that it is compressed', Buffer.from([0xc2, 0x80, 0, 0, 0, 0])],
    ['goes on with nothing', head(0, 0)],
    ['is longer than can be', Buffer.from([0x82, 0xff, ...Buffer.alloc(8, 0xff)])],
    ['is a ping of many bytes', head(9, 1000)],
  ])('with a frame that %s is closed', async (_, frame) => {
    await using server = await startServer();
    const socket = await openByHand(server);
    socket.write(frame);
    await closed(socket);
    const bystander = await RawClient.login(server);
    expect(await bystander.fence()).toEqual([]);
    bystander.destroy();
  });

  it('in endless fragments is closed', async () => {
    await using server = await startServer();
    const client = await FrameClient.login(server);
    const fragments = 20_000;
    for (let sent = 0; sent < fragments; sent++) client.webSocket.send('x', { fin: false });
    expect(await client.closed()).toBe(1008);
  });

  it('that pings and takes no answer is closed', async () => {
    await using server = await startServer();
    const socket = (await openByHand(server)).pause();
    const ping = Buffer.concat([Buffer.from([0x89, 0x80 + 125, 0, 0, 0, 0]), Buffer.alloc(125)]);
    const pings = Buffer.concat(Array.from({ length: 500 }, () => ping));
    const gone = closed(socket);
    const more = (error?: Error | null): void => {
      if (!error && !socket.destroyed) socket.write(pings, more);
    };
    more();
    await gone;
  });

  it('that is asked for and never is gets no longer than the time for a login', async () => {
    await using server = await startServer('<authtimeout>0.2</authtimeout>');
    const silent = await connectTcp(server);
    const slow = await connectTcp(server);
    slow.write(upgradeRequest.slice(0, 40));
    const drip = setInterval(() => slow.write('x'), 20);
    await Promise.all([closed(silent), closed(slow)]);
    clearInterval(drip);
    const late = await FrameClient.open(server);
    expect(await late.closed()).toBe(1000);
  });

  it('asked for by no HTTP, or by too much of it, is refused', async () => {
    await using server = await startServer();
    for (const text of ['CLACKS x\r\n\r\n', `GET /clacks HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`]) {
      const socket = await connectTcp(server);
      socket.resume().write(text);
      await closed(socket);
    }
    const client = await FrameClient.login(server);
    client.webSocket.terminate();
  });

  it('counts for the most connections, and for the most of a host', async () => {
    await using server = await startServer('<maxconnectionsperhost>1</maxconnectionsperhost>');
    const first = await FrameClient.login(server);
    await expect(FrameClient.open(server)).rejects.toThrow();
    expect(server.server.statistics?.connections.refused.maxConnectionsPerHost).toBe(1);
    first.webSocket.terminate();
  });

  it('that does not read is closed when others would have to wait', async () => {
    await using server = await startServer(`<maxbuffered>${mib}</maxbuffered>`);
    const slow = await RawClient.webSocket(server);
    await slow.login();
    slow.send('LISTEN flood');
    await slow.fence();
    const healthy = await RawClient.webSocket(server);
    await healthy.login();
    healthy.send('LISTEN flood');
    await healthy.fence();
    slow.socket.pause();
    const publisher = await RawClient.webSocket(server);
    await publisher.login();
    const signals: string[] = [];
    // What the system takes for a reader that does not read is its own matter.
    while (server.server.statistics?.connections.closed.slow_consumer === 0) {
      const signal = `SET flood=${signals.length} ${'x'.repeat(60_000)}`;
      signals.push(signal);
      publisher.send(signal);
      await publisher.fence();
    }
    expect(await healthy.fence()).toEqual(signals);
    healthy.destroy();
    publisher.destroy();
  });

  it('that asks for more than it reads waits, and no one else', async () => {
    await using server = await startServer(`<maxoutbuffer>${mib}</maxoutbuffer>`);
    const greedy = await RawClient.webSocket(server);
    await greedy.login();
    greedy.send(`STORE large=${'x'.repeat(100_000)}`);
    await greedy.fence();
    greedy.socket.pause();
    const answers = 200;
    greedy.send(...Array.from({ length: answers }, () => 'RETRIEVE large'), 'STORE last=1');
    const fenced = greedy.fence();
    const bystander = await RawClient.login(server);
    const held = async (): Promise<number> => {
      bystander.send('CLIENTLIST');
      const lines = (await bystander.fence()).map((line) => /OUTBUFFER_LENGTH=(\d+)/u.exec(line));
      return Math.max(...lines.map((match) => Number(match?.[1] ?? 0)));
    };
    while ((await held()) < mib / 4);
    bystander.send('RETRIEVE last');
    expect(await bystander.fence()).toEqual(['NOTRETRIEVED last']);
    greedy.socket.resume();
    expect(await fenced).toHaveLength(answers);
    greedy.destroy();
    bystander.destroy();
  });
});
