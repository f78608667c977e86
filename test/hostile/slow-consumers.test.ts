import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { NodeUnderTest } from '../../bench/src/node-under-test.ts';
import { RawClient } from '../support/raw-client.ts';
import { TestServer } from '../support/test-server.ts';

const mib = 2 ** 20;

describe('slow consumers', () => {
  it('that take nothing are closed when publishers would have to wait, not those that read slowly', async () => {
    await using server = await TestServer.start({ xml: `<maxbuffered>${mib}</maxbuffered>` });
    const closed = () => server.server.statistics?.connections.closed;
    const listen = async (): Promise<RawClient> => {
      const client = await RawClient.login(server);
      client.send('LISTEN flood');
      await client.fence();
      return client;
    };
    const [healthy, reading, stopped] = [await listen(), await listen(), await listen()];
    stopped.socket.pause();
    // It takes some 64 KiB ten times a second.
    const pace = setInterval(() => reading.socket.resume(), 100);
    const pause = (): unknown => reading.socket.pause();
    reading.socket.on('data', pause);
    const publisher = await RawClient.login(server);
    const bystander = await RawClient.login(server);
    const signals = Array.from(
      { length: 6000 },
      (_, number) => `SET flood=${number} ${'x'.repeat(1000)}`,
    );
    publisher.send(...signals);
    while (closed()?.slow_consumer === 0) await bystander.fence();
    clearInterval(pace);
    reading.socket.off('data', pause).resume();
    await publisher.fence();
    expect(await healthy.fence()).toEqual(signals);
    expect(await reading.fence()).toEqual(signals);
    expect(closed()).toMatchObject({ slow_consumer: 1, output_limit: 0, write_stalled: 0 });
  });

  it('take neither memory nor time: 100 of them, 100 that read, a million signals', async () => {
    const [maxBuffered, listeners, signals] = [64 * mib, 100, 1_000_000];
    await using node = await NodeUnderTest.start(
      `<maxbuffered>${maxBuffered}</maxbuffered><maxoutbuffer>${maxBuffered / 8}</maxoutbuffer>`,
    );
    const connect = async (): Promise<Socket> => {
      const socket = net.connect(node.socketPath);
      socket.on('error', () => undefined);
      const token = Buffer.from('bench').toString('base64');
      socket.write(`CLACKS x\r\nOVERHEAD A ${token}:${token}\r\nLISTEN n\r\nFLUSH x\r\n`);
      for (let text = ''; !text.endsWith('FLUSHED x\r\n');) {
        const [chunk] = (await once(socket, 'data')) as [Buffer];
        text += chunk.toString('latin1');
      }
      return socket.pause();
    };
    const connectAll = (): Promise<Socket[]> =>
      Promise.all(Array.from({ length: listeners }, connect));
    const [healthy, slow] = [await connectAll(), await connectAll()];
    const publisher = (await connect()).resume();
    const lines = Array.from({ length: signals }, (_, number) => `SET n=${number}\r\n`);
    const expected = Buffer.from(lines.join(''), 'latin1');
    const residentBytes = (await node.sample()).residentBytes;

    const received = healthy.map(async (socket): Promise<string> => {
      let length = 0;
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        if (expected.compare(chunk, 0, chunk.length, length, length + chunk.length) !== 0) {
          return `wrong after ${length} bytes`;
        }
        length += chunk.length;
        if (length === expected.length) return 'everything';
      }
      return `closed after ${length} bytes`;
    });
    publisher.write(expected);
    expect(new Set(await Promise.all(received))).toEqual(new Set(['everything']));

    let { connections } = (await node.sample()).statistics;
    // Those who have everything are gone, too.
    while (connections.open > 1) ({ connections } = (await node.sample()).statistics);
    const { slow_consumer: stalled, output_limit: full } = connections.closed;
    expect(stalled + full).toBe(listeners);
    expect(stalled).toBeGreaterThan(listeners / 2);
    // What is allowed besides is for what sockets have begun to write, and for garbage.
    const status = readFileSync(`/proc/${node.pid}/status`, 'latin1');
    const peakBytes = Number(/^VmHWM:\s+(\d+) kB$/mu.exec(status)?.[1]) * 1024;
    expect(peakBytes).toBeLessThan(residentBytes + maxBuffered + 192 * mib);
    for (const socket of [...healthy, ...slow, publisher]) socket.destroy();
  }, 120_000);
});
