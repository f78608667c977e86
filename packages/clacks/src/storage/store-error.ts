import { ClacksError } from '@clacks/protocol';

/** What is wrong with a store: {@link StoreError}. */
export type StoreProblem =
  /** There is no such file. */
  | 'missing'
  /** The file is something else. */
  | 'foreign'
  /** It has lost something, or holds something that was never written. */
  | 'damaged'
  /** A newer version has made it. */
  | 'newer'
  /** Another server uses it. */
  | 'in_use'
  /** It cannot be read or written. */
  | 'unusable';

/** What to do about a damaged store. */
export const damagedAdvice =
  "look at it with 'clacks store check', mend it with 'clacks store repair'";

/** Whether what LMDB says is about the content of a file. */
export const isAboutContent = (message: string): boolean =>
  /MDB_(?:INVALID|CORRUPTED|PAGE_NOTFOUND|VERSION_MISMATCH|PANIC)/u.test(message);

/** A store cannot be used as it is. Nothing was changed in it. */
export class StoreError extends ClacksError {
  override readonly name = 'StoreError';
  readonly code = 'CLACKS_ERR_STORE';
  readonly problem: StoreProblem;

  /** @param message - What is wrong, and what to do. */
  constructor(problem: StoreProblem, message: string) {
    super(message);
    this.problem = problem;
  }

  /** What is wrong with a file, and what to do, as the end of a sentence. */
  static of(file: string, problem: StoreProblem, what: string): StoreError {
    return new StoreError(problem, `The store ${file} ${what}.`);
  }
}
