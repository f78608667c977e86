// npm run soak -- [--minutes M] [--tls N] [--unix N] [--signals N]: serves for a long time.
import path from 'node:path';
import { root, run, setUp } from './lib.mjs';

await setUp();
const soak = path.join(root, 'bench', 'dist', 'soak-main.js');
process.exitCode = await run(process.execPath, [soak, ...process.argv.slice(2)]);
