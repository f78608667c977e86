/** What a figure of clacks is to reach. */
export interface Target {
  readonly workload: string;
  readonly key: string;
  /** In relation to that of a peer in the same run; without one, in its own unit. */
  readonly peer?: string;
  readonly limit: number;
  readonly isAtMost?: true;
}

/** The aims of this project. */
export const targets: readonly Target[] = [
  { workload: 'W1', key: 'perSecond', peer: 'nats', limit: 1.3 },
  { workload: 'W2', key: 'perSecond', peer: 'nats', limit: 1.5 },
  { workload: 'W3', key: 'perSecond', peer: 'nats', limit: 1.2 },
  { workload: 'W1T', key: 'perSecond', peer: 'nats', limit: 1.1 },
  { workload: 'W7', key: 'perSecond', peer: 'nats', limit: 1.1 },
  { workload: 'W8', key: 'perSecond', peer: 'nats', limit: 1.2 },
  { workload: 'W4', key: 'p50Us', peer: 'nats', limit: 1.1, isAtMost: true },
  { workload: 'W4', key: 'p99Us', peer: 'nats', limit: 1.5, isAtMost: true },
  { workload: 'W5', key: 'store', peer: 'redis', limit: 1 },
  { workload: 'W5', key: 'retrieve', peer: 'redis', limit: 1 },
  { workload: 'W5', key: 'increment', peer: 'redis', limit: 1 },
  { workload: 'W5/10', key: 'store', peer: 'redis', limit: 1 },
  { workload: 'W5/10', key: 'retrieve', peer: 'redis', limit: 1 },
  { workload: 'W5/10', key: 'increment', peer: 'redis', limit: 1 },
  { workload: 'W6', key: 'manyKib', limit: 8, isAtMost: true },
  { workload: 'W6T', key: 'manyKib', limit: 34, isAtMost: true },
  { workload: 'W9', key: 'p99Ms', limit: 5, isAtMost: true },
  { workload: 'W9', key: 'corePercent', limit: 70, isAtMost: true },
  { workload: 'W11', key: 'hopsRatio', limit: 2.5, isAtMost: true },
  { workload: 'W12', key: 'seconds', limit: 5, isAtMost: true },
];
