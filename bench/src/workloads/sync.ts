import { startLap } from '../generator/stopwatch.ts';
import { onBothCores } from '../machine/cores.ts';
import { countKeys, fillCache, startSlave, untilSynchronised } from '../sync.ts';
import { socketOf } from './hops.ts';
import type { Outcome, RunContext, Workload } from './workload.ts';

/** Fills the cache of a node, and links a slave to it, which may use the generator's core as well. */
const run = async ({ running: { address, pid }, isQuick }: RunContext): Promise<Outcome> => {
  const path = socketOf(address);
  const entries = isQuick ? 20_000 : 1_000_000;
  await fillCache({ path, username: 'bench', password: 'bench' }, entries);
  const beganAtMs = performance.now();
  await using slave = await startSlave(path, { wrapper: onBothCores });
  const endLap = startLap([pid, slave.pid]);
  await untilSynchronised(slave);
  const seconds = (performance.now() - beganAtMs) / 1000;
  const lap = endLap();
  const count = await countKeys(slave.connection);
  const fault = count === entries ? '' : `${count} of ${entries} entries came`;
  return { figures: { seconds }, lap, fault };
};

/** How long it takes until a slave that is just started has all that its master has. */
export const syncWorkload: Workload = {
  name: 'W12',
  title: 'sync of 1,000,000 entries',
  peers: ['clacks'],
  figures: [{ key: 'seconds', title: '', unit: 's', isLessBetter: true }],
  run,
};
