/** What is to be reached: a figure of clacks in relation to that of a peer in the same run. */
export interface Target {
  readonly workload: string;
  readonly key: string;
  readonly peer: string;
  readonly ratio: number;
  readonly isAtMost?: true;
}

/** The aims of this project. */
export const targets: readonly Target[] = [
  { workload: 'W1', key: 'perSecond', peer: 'nats', ratio: 1.3 },
  { workload: 'W2', key: 'perSecond', peer: 'nats', ratio: 1.5 },
  { workload: 'W3', key: 'perSecond', peer: 'nats', ratio: 1.2 },
  { workload: 'W1T', key: 'perSecond', peer: 'nats', ratio: 1.1 },
  { workload: 'W7', key: 'perSecond', peer: 'nats', ratio: 1.1 },
  { workload: 'W8', key: 'perSecond', peer: 'nats', ratio: 1.2 },
  { workload: 'W4', key: 'p50Us', peer: 'nats', ratio: 1.1, isAtMost: true },
  { workload: 'W4', key: 'p99Us', peer: 'nats', ratio: 1.5, isAtMost: true },
  { workload: 'W5', key: 'store', peer: 'redis', ratio: 1 },
  { workload: 'W5', key: 'retrieve', peer: 'redis', ratio: 1 },
  { workload: 'W5', key: 'increment', peer: 'redis', ratio: 1 },
];
