// npm run clean: removes everything that a build makes.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { root } from './lib.mjs';

const outputs = ['packages/protocol', 'packages/client', 'packages/clacks', 'examples', 'bench']
  .map((directory) => path.join(directory, 'dist'))
  .concat('.build', path.join('docs', 'api'));
for (const output of outputs) rmSync(path.join(root, output), { recursive: true, force: true });
