import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => new URL(path, import.meta.url).pathname;

export default defineConfig({
  resolve: {
    // Tests run against the sources; only tests that start processes need the build.
    alias: {
      '@clacks/protocol': source('packages/protocol/src/index.ts'),
      '@clacks/client': source('packages/client/src/index.ts'),
      'clacks/postgres': source('packages/clacks/src/postgres.ts'),
      clacks: source('packages/clacks/src/index.ts'),
    },
  },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/test/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // By default two cores get one worker; most tests wait for a server half of the time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
