import { onServerCore } from '../machine/cores.ts';
import type { NodeOptions, NodeUnderTest } from '../node-under-test.ts';
import type { Address } from '../peers/peer.ts';
import { fenceTree } from '../soak/fence-tree.ts';
import { startSlave } from '../sync.ts';
import { measureTraffic } from './measure-traffic.ts';
import { oneToOneTraffic } from './throughput.ts';
import type { Outcome, RunContext, Workload } from './workload.ts';

/** All nodes are on the same core. */
const likeMaster: NodeOptions = { wrapper: onServerCore, asInProduction: true };

/** The path of a node's unix socket. */
export const socketOf = (address: Address): string => {
  if (address.transport !== 'unix') throw new TypeError('nodes are linked by their unix sockets');
  return address.path;
};

/**
 * One signal goes from the master to a slave, then from one slave over the master to another. What it
 * costs is the processor time of all nodes together.
 */
const run = async (context: RunContext): Promise<Outcome> => {
  const { address, pid } = context.running;
  const path = socketOf(address);
  const ofSlave = ({ socketPath, pid: slavePid }: NodeUnderTest) =>
    ({ transport: 'unix', path: socketPath, pid: slavePid }) as const;
  await using slave = await startSlave(path, likeMaster);
  const near = ofSlave(slave);
  await fenceTree({ transport: 'unix', path }, near);
  const oneHop = await measureTraffic(context, oneToOneTraffic, false, {
    ...{ publishAt: address, listenAt: near, pids: [pid, near.pid] },
  });
  await using other = await startSlave(path, likeMaster);
  const far = ofSlave(other);
  await fenceTree(near, far);
  const twoHops = await measureTraffic(context, oneToOneTraffic, false, {
    ...{ publishAt: near, listenAt: far, pids: [near.pid, pid, far.pid] },
  });
  const [oneHopNs = NaN, twoHopsNs = NaN] = [oneHop, twoHops].map(
    ({ figures }) => figures['cpuNs'],
  );
  const worse = oneHop.lap.othersLoad > twoHops.lap.othersLoad ? oneHop : twoHops;
  const fault = oneHop.fault === '' ? twoHops.fault : (oneHop.fault ?? twoHops.fault);
  return {
    figures: { oneHopNs, twoHopsNs, hopsRatio: twoHopsNs / oneHopNs },
    lap: worse.lap,
    ...(fault !== undefined && { fault }),
  };
};

/** What a signal costs that goes over links. */
export const hopsWorkload: Workload = {
  name: 'W11',
  title: 'Interclacks',
  peers: ['clacks'],
  figures: [
    { key: 'oneHopNs', title: 'CPU of a signal, one hop', unit: 'ns', isLessBetter: true },
    { key: 'twoHopsNs', title: 'two hops', unit: 'ns', isLessBetter: true },
    { key: 'hopsRatio', title: 'two hops to one', unit: '×', isLessBetter: true },
  ],
  run,
};
