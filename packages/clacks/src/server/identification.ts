import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** The version of this package. */
export const packageVersion = version;

/** What follows `CLACKS ` in a node's greeting (protocol 3). */
export const identification = `clacks-ts ${version}`;
