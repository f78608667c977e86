// npm run build: builds everything.
import { build } from './lib.mjs';

await build();
