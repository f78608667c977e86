// npm run fuzz -- [--minutes M] [--seed N] [--input FILE]: sends servers what nobody would send.
import path from 'node:path';
import { root, run, setUp } from './lib.mjs';

await setUp();
const fuzzer = path.join(root, '.build', 'fuzz', 'fuzz', 'main.js');
process.exitCode = await run(process.execPath, [fuzzer, ...process.argv.slice(2)]);
