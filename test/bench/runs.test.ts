import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { runBench } from '../../bench/src/bench.ts';
import type { Run } from '../../bench/src/bench.ts';
import { Wire } from '../../bench/src/generator/wire.ts';
import type { Dialect } from '../../bench/src/peers/dialect.ts';
import { allPeers } from '../../bench/src/peers/peers.ts';
import type { Peer } from '../../bench/src/peers/peer.ts';
import type { Outcome, Workload } from '../../bench/src/workloads/workload.ts';

const [anyPeer] = allPeers;
if (anyPeer === undefined) throw new Error('there are no peers');

/** A server that is not there. */
const peer: Peer = {
  ...anyPeer,
  name: 'nobody',
  start: () =>
    Promise.resolve({
      pid: 0,
      address: { transport: 'unix', path: '' },
      residentBytes: () => Promise.resolve(0),
      stop: () => Promise.resolve(),
    }),
};

/** A line of login, answered by a line. */
const dialect: Dialect = {
  ...anyPeer.dialect,
  login: () => ({ send: Buffer.from('hello\n'), answer: 'welcome\n' }),
};

const runsOf = async (run: Workload['run']): Promise<Run[]> =>
  await runBench(
    {
      workloads: [{ name: 'W0', title: 'of a test', peers: ['nobody'], figures: [], run }],
      peers: [peer],
      repetitions: 1,
      mostRetries: 3,
      isQuick: true,
      isVerified: false,
      timing: { seconds: 0, warmUpSeconds: 0 },
      certificate: { cert: '', key: '' },
    },
    () => undefined,
  );

const outcomeOf = (othersLoad: number, fault?: string): Outcome => ({
  figures: {},
  lap: {
    ...{ seconds: 1, serverNs: 1, serverLoad: 1, generatorLoad: 1, othersLoad },
    isDisturbed: othersLoad > 0,
  },
  ...(fault !== undefined && { fault }),
});

/** What is kept of runs that come in this order. */
const keptOf = async (...outcomes: readonly Outcome[]): Promise<Run | undefined> => {
  const left = [...outcomes];
  const [kept] = await runsOf(() => Promise.resolve(left.shift() ?? outcomeOf(0)));
  return kept;
};

describe('runs of a benchmark', () => {
  it('a disturbed run is repeated until one is not', async () => {
    const kept = await keptOf(outcomeOf(0.5, ''), outcomeOf(0.7, ''), outcomeOf(0, ''));
    expect(kept).toMatchObject({ lap: { othersLoad: 0 }, fault: '' });
  });

  it('no calmer run hides a fault', async () => {
    const first = await keptOf(outcomeOf(0.5, 'lost'), outcomeOf(0, ''));
    expect(first).toMatchObject({ lap: { othersLoad: 0.5 }, fault: 'lost' });
    const second = await keptOf(outcomeOf(0.5, ''), outcomeOf(0.7, 'lost'), outcomeOf(0, ''));
    expect(second).toMatchObject({ lap: { othersLoad: 0.7 }, fault: 'lost' });
  });

  it('one whose server goes away fails, and says what had come', async () => {
    const server = net.createServer((socket) => {
      socket.once('data', () => {
        socket.write('welcome\n');
        socket.once('data', () => socket.end('some'));
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as net.AddressInfo;
    const endless = runsOf(async ({ onClose }) => {
      const address = { transport: 'tcp', port } as const;
      const wire = await Wire.connect({ address, dialect, role: 'cache', ca: '', onClose });
      wire.write(Buffer.from('ask\n'));
      return await new Promise<never>(() => undefined);
    });
    await expect(endless).rejects.toThrow('W0 nobody: server closed after 12 bytes');
    server.close();
  });
});
