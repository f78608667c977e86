import { once } from 'node:events';
import net from 'node:net';
import { expect, it } from 'vitest';
import { PacedStream } from '../../bench/src/generator/paced-stream.ts';
import { compile } from '../../bench/src/generator/traffic.ts';
import { forwarder } from '../../bench/src/peers/forwarder.ts';

const { dialect } = forwarder;
const [lapSeconds, heldMs] = [0.05, 300];

/** Forwards what it gets, but keeps all of it for longer than a lap takes. */
const slowServer = async (): Promise<net.Server> => {
  const listeners: net.Socket[] = [];
  const server = net.createServer((socket) => {
    socket.once('data', (role) => {
      if (role.toString() === 'LISTEN\r\n') listeners.push(socket);
      socket.write('OK\r\n');
      socket.on('data', (lines) => {
        setTimeout(() => {
          for (const listener of listeners) listener.write(lines);
        }, heldMs);
      });
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
};

it('deliveries count that come when the lap is over', async () => {
  const server = await slowServer();
  const { port } = server.address() as net.AddressInfo;
  const name = 'bench::w9::1';
  const messages = Array.from({ length: 1000 }, (_, number) => [
    { name, value: PacedStream.valueOf(number) },
  ]);
  const traffic = compile(dialect, {
    listeners: [[{ name, covers: [name] }]],
    publishers: [messages],
    window: Infinity,
  });
  const context = {
    peer: forwarder,
    running: {
      pid: process.pid,
      address: { transport: 'tcp', port } as const,
      residentBytes: () => Promise.resolve(0),
      stop: () => Promise.resolve(),
    },
    ...{ ca: '', seconds: lapSeconds, warmUpSeconds: 0, isQuick: true, isVerified: true },
    onClose: (error: Error) => {
      throw error;
    },
  };
  const stream = new PacedStream(traffic, 1000);
  await stream.open(context, dialect);
  const { latenciesMs, fault } = await stream.run(context);
  stream.close();
  server.close();
  expect(fault).toBeUndefined();
  expect(latenciesMs.length).toBeGreaterThan(0);
});
