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
    /** To read what can be read of a damaged file, from a key on. */
    | 'salvage'
    /** To copy what is kept to `target`, without gaps. */
    | 'copy';
  /** Whose store it is: the process of the server, and a name for this use of it. */
  readonly owner: { readonly pid: number; readonly token: string };
  readonly target?: string;
  /** Where a salvage begins, in base64. */
  readonly fromKey?: string;
  /** Whether each entry is told at once, since one of the next may end the process. */
  readonly isCareful?: boolean;
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
    };

/** What is known of a store when all was read. */
export interface StoreInfo {
  readonly entries: number;
  readonly context: StoredContext | undefined;
  /** The name of the run of the node that left it in order, with all that it had told others. */
  readonly nodeId: string | undefined;
  /** Why nothing can be written, if so. */
  readonly unwritable: string | undefined;
}

/** What a store's process tells. */
export type StoreReport =
  /** Entries: key and record, their lengths before them. */
  | { readonly kind: 'entries'; readonly data: Uint8Array }
  | ({ readonly kind: 'opened' } & StoreInfo)
  | { readonly kind: 'refused'; readonly problem: StoreProblem; readonly what: string }
  | { readonly kind: 'saved' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'done' };
