import { cacheWorkload } from './cache.ts';
import { latencyWorkload } from './latency.ts';
import { memoryWorkloads } from './memory.ts';
import { throughputWorkloads } from './throughput.ts';
import type { Workload } from './workload.ts';

/** All workloads. */
export const allWorkloads: readonly Workload[] = [
  ...throughputWorkloads,
  latencyWorkload,
  cacheWorkload,
  ...memoryWorkloads,
];
