// npm run crashtest -- [--rounds N] [--seed S]: kills servers, bridges
// and PostgreSQL under load and looks at what is left.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root, run, setUp } from './lib.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '100' }, seed: { type: 'string' } },
});

await setUp();
const env = {
  ...process.env,
  CLACKS_CRASH_ROUNDS: values.rounds,
  ...(values.seed && { CLACKS_CRASH_SEED: values.seed }),
};
const tests = ['test/persistence/crash', 'test/postgres/durable'];
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
process.exitCode = await run(process.execPath, [vitest, 'run', ...tests], { env });
