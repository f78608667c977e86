// npm run bench:micro [-- FILTER]: sets up, builds, and measures parts of the hot path by themselves.
import path from 'node:path';
import { root, run, setUp } from './lib.mjs';

await setUp();
const micro = path.join(root, 'bench', 'dist', 'micro.js');
process.exitCode = await run(process.execPath, [micro, ...process.argv.slice(2)]);
