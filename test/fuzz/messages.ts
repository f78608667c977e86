/** What the process that tries inputs is told to do. */
export interface WorkerTask {
  /** How long to try new inputs; none but the given files if it is 0. */
  readonly seconds: number;
  readonly seed: number;
  /** Files with inputs to try first. */
  readonly files: readonly string[];
  /** Where recorded conversations are. */
  readonly transcripts: string;
  /** Where to write the input that is being tried. */
  readonly currentFile: string;
  /** Whether to do without the guidance of coverage, to see what it is worth. */
  readonly isBlind: boolean;
  /** Whether the servers have a bug, to see that it is found. */
  readonly isSabotaged: boolean;
}

/** How far it has come. */
export interface Progress {
  readonly inputs: number;
  /** Inputs that did something new. */
  readonly corpus: number;
  /** Blocks of code that have run, each with how often, about. */
  readonly coverage: number;
}

/** What it tells. */
export type WorkerReport =
  | ({ readonly kind: 'progress' | 'done' } & Progress)
  | { readonly kind: 'failed'; readonly reason: string };
