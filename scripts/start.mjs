// npm start: sets up, builds, and runs the demo of the article.
import path from 'node:path';
import { root, run, setUp } from './lib.mjs';

await setUp();
const demo = path.join(root, 'examples', 'dist', 'demo.js');
process.exitCode = await run(process.execPath, [demo, ...process.argv.slice(2)]);
