import type { Lap } from '../generator/stopwatch.ts';
import type { Peer, RunningPeer, Transport } from '../peers/peer.ts';

/** Where and how long a workload runs. */
export interface RunContext {
  readonly peer: Peer;
  readonly running: RunningPeer;
  readonly ca: string;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly isQuick: boolean;
  /** Every byte is compared. It takes time: figures say nothing then. */
  readonly isVerified: boolean;
}

/** What came of a run. */
export interface Outcome {
  readonly figures: Readonly<Record<string, number>>;
  readonly lap: Lap;
  /** Nothing but what had to come has come. `undefined`: nobody looked. */
  readonly fault?: string;
}

/** A figure of a workload. */
export interface Figure {
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  readonly isLessBetter?: true;
}

/** Something that is measured. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly peers: readonly string[];
  readonly isOverTls?: true;
  readonly figures: readonly Figure[];
  run(context: RunContext): Promise<Outcome>;
}

/** How a workload reaches a peer. */
export const transportOf = ({ isOverTls }: Workload, { plain }: Peer): Transport =>
  isOverTls ? 'tls' : plain;
