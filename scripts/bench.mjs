// npm run bench: sets up, builds, and runs the benchmarks.
import path from 'node:path';
import { root, run, setUp } from './lib.mjs';
import { installMissing, peers } from './system-packages.mjs';

await setUp();
installMissing(peers);
const bench = path.join(root, 'bench', 'dist', 'main.js');
process.exitCode = await run(process.execPath, [bench, ...process.argv.slice(2)]);
