// npm run simulate -- [--seeds N] [--seed S]: runs random histories of trees of nodes.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root, run, setUp } from './lib.mjs';

const { values } = parseArgs({ options: { seeds: { type: 'string' }, seed: { type: 'string' } } });

await setUp();
const env = {
  ...process.env,
  ...(values.seeds && { CLACKS_SIMULATION_SEEDS: values.seeds }),
  ...(values.seed && { CLACKS_SIMULATION_SEED: values.seed }),
};
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
process.exitCode = await run(process.execPath, [vitest, 'run', 'test/simulation'], { env });
