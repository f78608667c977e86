// npm test: sets up, builds, checks and tests everything.
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { mustRunTool, root, run, setUp } from './lib.mjs';
import { browsers, databases, installMissing, operating, peers } from './system-packages.mjs';

const packages = ['protocol', 'client', 'clacks'].map((name) => path.join('packages', name));

await setUp();
installMissing({ ...peers, ...browsers, ...operating, ...databases });
await mustRunTool('Formatting', 'prettier', ['--check', '--log-level', 'warn', '.']);
await mustRunTool('Lint', 'eslint', ['.', '--max-warnings', '0']);
await mustRunTool('Looking for dead code', 'knip', []);
for (const directory of packages) {
  await mustRunTool('Package check', 'publint', ['--strict', directory]);
  await mustRunTool('Package types check', 'attw', [
    '--pack',
    directory,
    '--profile',
    'esm-only',
    '--quiet',
  ]);
}
await mustRunTool('API reference', 'typedoc', ['--logLevel', 'Warn']);

const results = path.join(root, '.build', 'test-results.json');
mkdirSync(path.dirname(results), { recursive: true });
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
const code = await run(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)]);
const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(results, 'utf8'));
process.stdout.write(`${numPassedTests} passed, ${numFailedTests} failed\n`);
process.exitCode = code;
