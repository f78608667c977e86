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
  /** A connection has ended that should not have: the run fails. */
  readonly onClose: (error: Error) => void;
}

/** What came of a run. */
export interface Outcome {
  readonly figures: Readonly<Record<string, number>>;
  readonly lap: Lap;
  /** What is wrong with what came; empty: nothing is. `undefined`: nobody looked. */
  readonly fault?: string;
}

/** Whether something was wrong with what came. */
export const isFaulty = ({ fault = '' }: Outcome): boolean => fault !== '';

/** A figure of a workload. */
export interface Figure {
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  readonly isLessBetter?: true;
}

/** So much of something. */
export interface Growth {
  readonly axis: string;
  readonly count: number;
}

/** Something that is measured. */
export interface Workload {
  /** `W5`, or `W5/10` for one of several of a kind. */
  readonly name: string;
  readonly title: string;
  readonly peers: readonly string[];
  readonly isOverTls?: true;
  readonly figures: readonly Figure[];
  /** What there is so much of, where that is compared with how it is with less. */
  readonly growth?: Growth;
  /** Connections that it needs, if they are many. */
  connections?(isQuick: boolean): number;
  run(context: RunContext): Promise<Outcome>;
}

/** How a workload reaches a peer. */
export const transportOf = ({ isOverTls }: Workload, { plain }: Peer): Transport =>
  isOverTls ? 'tls' : plain;

/** Whether a workload is meant by `W5`, `w5` or `W5/10`. */
export const isNamed = ({ name }: Workload, wanted: string): boolean =>
  `${name}/`.toLowerCase().startsWith(`${wanted}/`.toLowerCase());
