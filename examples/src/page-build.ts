import type { BuildOptions } from 'esbuild';

/** Makes one file of a program for pages: there is nothing in it that browsers do not have. */
export const forPages = {
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  write: false,
} as const satisfies BuildOptions;
