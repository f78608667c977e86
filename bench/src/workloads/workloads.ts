import { cacheWorkloads } from './cache.ts';
import { fanOutWorkload } from './fan-out.ts';
import { growthWorkloads } from './growth.ts';
import { hopsWorkload } from './hops.ts';
import { latencyWorkload } from './latency.ts';
import { memoryWorkloads } from './memory.ts';
import { syncWorkload } from './sync.ts';
import { throughputWorkloads } from './throughput.ts';
import type { Workload } from './workload.ts';

/** All workloads. */
export const allWorkloads: readonly Workload[] = [
  ...throughputWorkloads,
  latencyWorkload,
  ...cacheWorkloads,
  ...memoryWorkloads,
  fanOutWorkload,
  ...growthWorkloads,
  hopsWorkload,
  syncWorkload,
];
