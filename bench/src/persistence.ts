import { once } from 'node:events';
import net from 'node:net';
import type { Socket } from 'node:net';
import { NodeUnderTest } from './node-under-test.ts';
import type { Resident } from './node-under-test.ts';

/** What is written. */
export interface WritePlan {
  readonly connections: number;
  /** Different names, each of 20 bytes; values have 16. */
  readonly names: number;
  /** STOREs of each connection, and how many of them between two FLUSHes. */
  readonly stores: number;
  readonly storesPerFlush: number;
}

const kept = '<persistancefile>cache</persistancefile>';
const login = Buffer.from('bench').toString('base64');

const connect = async (socketPath: string): Promise<Socket> => {
  const socket = net.connect(socketPath);
  socket.write(`CLACKS bench\r\nOVERHEAD A ${login}:${login}\r\n`);
  let received = '';
  while (!received.includes('Welcome')) {
    const [data] = (await once(socket, 'data')) as [Buffer];
    received += data.toString('latin1');
  }
  return socket;
};

const nameOf = (number: number): string => `bench::${String(number).padStart(13, '0')}`;

/** Batches of STORE lines, each ended by a FLUSH. */
const batchesOf = (plan: WritePlan, connection: number): Buffer[] => {
  const { names, stores, storesPerFlush, connections } = plan;
  const batches: Buffer[] = [];
  for (let start = 0; start < stores; start += storesPerFlush) {
    let lines = '';
    for (let index = start; index < start + storesPerFlush; index++) {
      const name = nameOf(((index * connections + connection) * 7919) % names);
      lines += `STORE ${name}=${String(index).padStart(16, '0')}\r\n`;
    }
    batches.push(Buffer.from(`${lines}FLUSH ${start}\r\n`, 'latin1'));
  }
  return batches;
};

const writeAll = async (socket: Socket, batches: readonly Buffer[]): Promise<void> => {
  let flushed = 0;
  const done = new Promise<void>((resolve, reject) => {
    socket.on('data', (data: Buffer) => {
      const text = data.toString('latin1');
      if (text.includes('OVERHEAD E')) reject(new Error(text));
      flushed += text.split('FLUSHED').length - 1;
      if (flushed === batches.length) resolve();
    });
  });
  for (const batch of batches) if (!socket.write(batch)) await once(socket, 'drain');
  await done;
};

/** STOREs a second, until all are flushed. */
export const storesPerSecond = async (plan: WritePlan, isKept: boolean): Promise<number> => {
  await using node = await NodeUnderTest.start(isKept ? kept : '');
  const sockets = await Promise.all(
    Array.from({ length: plan.connections }, () => connect(node.socketPath)),
  );
  const batches = sockets.map((_, index) => batchesOf(plan, index));
  const beganAtMs = performance.now();
  await Promise.all(sockets.map((socket, index) => writeAll(socket, batches[index] ?? [])));
  const seconds = (performance.now() - beganAtMs) / 1000;
  for (const socket of sockets) socket.destroy();
  return (plan.connections * plan.stores) / seconds;
};

/** What a large cache that is kept needs. */
export interface LargeCache {
  /** Resident memory an entry: when it was filled, and after a restart. */
  readonly filled: Resident;
  readonly loaded: Resident;
  /** From starting the process until it listens. */
  readonly startMs: number;
  readonly emptyStartMs: number;
}

const settleMs = 2000;

/** Fills a cache of that many entries and starts it again. */
export const measureLargeCache = async (entries: number): Promise<LargeCache> => {
  await using node = await NodeUnderTest.start(kept);
  const { startMs: emptyStartMs } = node;
  const empty = await node.resident(settleMs);
  const perEntry = ({ bytes, uncollectedBytes }: Resident): Resident => ({
    bytes: (bytes - empty.bytes) / entries,
    uncollectedBytes: (uncollectedBytes - empty.uncollectedBytes) / entries,
  });
  const socket = await connect(node.socketPath);
  const plan = { connections: 1, names: entries, stores: entries, storesPerFlush: 50_000 };
  await writeAll(socket, batchesOf(plan, 0));
  socket.destroy();
  const filled = perEntry(await node.resident(settleMs));
  await node.restart();
  const loaded = perEntry(await node.resident(settleMs));
  return { filled, loaded, startMs: node.startMs, emptyStartMs };
};
