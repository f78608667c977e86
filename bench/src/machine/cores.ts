import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The core of the server, and that of the generator. */
const [serverCore, generatorCore] = ['0', '1'];

const hasTaskset = spawnSync('taskset', ['--version']).status === 0;
const canPin = availableParallelism() >= 2 && hasTaskset;

/** Why servers and the generator share all cores, if they do. */
export const whyUnpinned = canPin
  ? undefined
  : hasTaskset
    ? 'There are fewer than two cores: servers and the generator share what there is.'
    : 'There is no taskset: servers and the generator are not kept apart.';

/** The beginning of a command that runs the rest of it on the server's core. */
export const onServerCore: readonly string[] = canPin ? ['taskset', '-c', serverCore] : [];

/** The same on both: what the generator starts while it is idle itself. */
export const onBothCores: readonly string[] = canPin
  ? ['taskset', '-c', `${serverCore},${generatorCore}`]
  : [];

/** Keeps this process, with all of its threads, on the generator's core. */
export const pinGenerator = (): void => {
  if (!canPin) return;
  spawnSync('taskset', ['-a', '-c', '-p', generatorCore, String(process.pid)]);
};
