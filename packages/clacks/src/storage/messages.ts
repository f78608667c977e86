import type { StoredContext } from '../broker/ports.ts';
import type { StoreProblem } from './store-error.ts';

/** What a store's process is started for. Paths are absolute. */
export interface StoreTask {
  readonly file: string;
  readonly what:
    /** To read all that is kept, and then to write. A missing file is made. */
    | 'load'
    /** To go on writing, after an earlier process has failed. */
    | 'resume'
    /** To read all that is kept, whoever else uses it. */
    | 'read'
    /** To keep others from using it. */
    | 'hold'
    /** To read what can be read of a damaged file. */
    | 'salvage'
    /** To make a store of the entries of another one. */
    | 'make';
  /** Whose store it is: the process of the server, and a name for this use of it. */
  readonly owner: { readonly pid: number; readonly token: string };
  readonly salvage?: Salvage;
  /** What a store was that is to be resumed, if it could not be written when it was loaded. */
  readonly unwritable?: Unwritable | undefined;
}

/** A store that can only be read. */
export interface Unwritable {
  /** Why. */
  readonly reason: string;
  /** What it was, so that it can be seen later whether somebody else has changed it. */
  readonly entries: number;
  readonly checksum: number;
}

/** Which part of a damaged file is read. */
export interface Salvage {
  /** With which key it begins, in base64; without one, at the beginning or the end. */
  readonly from: string | undefined;
  /** Whether it is read from there down. */
  readonly isReverse: boolean;
  /** Whether each entry is told at once, since one of the next may end the process. */
  readonly isCareful: boolean;
}

/** What a store's process is told. */
export type StoreRequest =
  | {
      readonly kind: 'save';
      /** Operations as {@link writeChanges} puts them. */
      readonly changes: Uint8Array;
      readonly context: StoredContext;
    }
  | {
      /** The store is not used any more. */
      readonly kind: 'close';
      /** The run of the node, if all that it has told others is saved. */
      readonly nodeId: string | undefined;
    }
  /** The entries that came last are taken. Not for who loads a store: that gets all at once. */
  | { readonly kind: 'next' }
  /** Entries for the store that is made: key and record, their lengths before them. */
  | { readonly kind: 'add'; readonly data: Uint8Array }
  /** There are no more. */
  | {
      readonly kind: 'finish';
      readonly context: StoredContext | undefined;
      readonly nodeId: string | undefined;
    };

/** What is known of a store: when all was loaded, or before anything is read. */
export interface StoreInfo {
  readonly entries: number;
  readonly context: StoredContext | undefined;
  /** The name of the run of the node that left it in order, with all that it had told others. */
  readonly nodeId: string | undefined;
  /** Set if nothing can be written. */
  readonly unwritable: Unwritable | undefined;
}

/** What a store's process tells. */
export type StoreReport =
  /** Entries: key and record, their lengths before them. */
  | { readonly kind: 'entries'; readonly data: Uint8Array }
  | ({ readonly kind: 'opened' } & StoreInfo)
  | { readonly kind: 'refused'; readonly problem: StoreProblem; readonly what: string }
  | { readonly kind: 'saved' }
  | { readonly kind: 'failed'; readonly reason: string }
  /** All was done; how many entries there are now in a store that was made. */
  | { readonly kind: 'done'; readonly entries: number };
