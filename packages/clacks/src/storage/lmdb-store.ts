import { existsSync } from 'node:fs';
import type { CacheEntry, Change, Store, StoredContext } from '../broker/ports.ts';
import { ByteWriter } from './bytes.ts';
import { readEntries, writeChanges } from './changes.ts';
import type { StoreInfo, Unwritable } from './messages.ts';
import { StoreChild } from './store-child.ts';
import type { ChildReport } from './store-child.ts';
import { damagedAdvice, StoreError } from './store-error.ts';
import { newOwner } from './store-owner.ts';

/** How large a batch usually is, in bytes. */
const usualBatchBytes = 256 * 1024;

type State =
  /** Nothing is being done. */
  | { readonly kind: 'idle'; readonly child: StoreChild }
  /** Changes are being written. */
  | { readonly kind: 'saving'; readonly child: StoreChild }
  /** The process has ended; the next changes start another one. */
  | { readonly kind: 'down' }
  | { readonly kind: 'closed' };

/** Keeps a cache in LMDB, through a process of its own. */
export class LmdbStore implements Store {
  /** Path of the file. */
  readonly file: string;
  readonly #owner = newOwner();
  readonly #bytes = new ByteWriter(usualBatchBytes);
  #state: State = { kind: 'down' };
  #saved: (failure?: string) => void = () => undefined;
  #ended: () => void = () => undefined;
  /** The process that was started last. */
  #child: StoreChild | undefined;
  /** What the store was, as long as it could not be written. */
  #unwritable: Unwritable | undefined;

  /** @param file - Path of the file. */
  constructor(file: string) {
    this.file = file;
  }

  /**
   * Opens a store and reads all that is kept. A missing file is made.
   *
   * @param entry - Called for each entry.
   * @throws StoreError if it cannot be used as it is.
   */
  static async open(
    file: string,
    entry: (entry: CacheEntry) => void,
  ): Promise<{ store: LmdbStore; info: StoreInfo }> {
    const store = new LmdbStore(file);
    return { store, info: await store.load(entry) };
  }

  /**
   * Reads all that is kept, before anything is saved. A missing file is made.
   *
   * @param entry - Called for each entry. If there is an error in the end, they are worth nothing.
   * @throws StoreError if it cannot be used as it is.
   */
  load(entry: (entry: CacheEntry) => void): Promise<StoreInfo> {
    const isNew = !existsSync(this.file);
    return new Promise<StoreInfo>((resolve, reject) => {
      this.#start('load', (child, report) => {
        if (report.kind === 'entries') for (const each of readEntries(report.data)) entry(each);
        else if (report.kind === 'refused') reject(new StoreError(report.problem, report.what));
        else if (report.kind === 'ended') reject(this.#unreadable(report.reason, isNew));
        else if (report.kind === 'opened') {
          this.#state = { kind: 'idle', child };
          this.#unwritable = report.unwritable;
          resolve(report);
        }
      });
    });
  }

  /** Who is called when changes are written, or cannot be. */
  onSaved(saved: (failure?: string) => void): void {
    this.#saved = saved;
  }

  save(changes: readonly Change[], context: StoredContext): void {
    if (this.#state.kind === 'closed') throw new Error('the store is closed');
    this.#bytes.clear();
    writeChanges(this.#bytes, changes);
    // The bytes are written to the process before this returns, or copied.
    const request = { kind: 'save' as const, changes: this.#bytes.take(), context };
    const child = this.#state.kind === 'idle' ? this.#state.child : this.#start('resume');
    this.#state = { kind: 'saving', child };
    child.ask(request);
    this.#bytes.clear();
  }

  /**
   * Leaves the store in order. What was not written then is lost.
   *
   * @param nodeId - The run of the node, if all that it has told others was written.
   */
  async close(nodeId: string | undefined): Promise<void> {
    const state = this.#state;
    if (state.kind === 'closed') return;
    this.#state = { kind: 'closed' };
    if (state.kind === 'down') return;
    await new Promise<void>((resolve) => {
      this.#ended = resolve;
      if (state.kind === 'idle') state.child.ask({ kind: 'close', nodeId });
      else state.child.end();
    });
  }

  /** Ends its process at once, whatever that does. */
  kill(): void {
    this.#child?.kill();
  }

  /** Starts a process, and handles what it tells once it is the one in use. */
  #start(
    what: 'load' | 'resume',
    opening: (child: StoreChild, report: ChildReport) => void = () => undefined,
  ): StoreChild {
    const task = { file: this.file, what, owner: this.#owner, unwritable: this.#unwritable };
    const child: StoreChild = new StoreChild(task, (report) => {
      opening(child, report);
      this.#told(child, report);
    });
    this.#child = child;
    return child;
  }

  #told(child: StoreChild, report: ChildReport): void {
    const state = this.#state;
    if (state.kind === 'closed' && report.kind === 'ended') this.#ended();
    // An earlier one has nothing more to say.
    if (state.kind === 'closed' || state.kind === 'down' || state.child !== child) return;
    if (report.kind === 'saved') {
      this.#state = { kind: 'idle', child };
      this.#unwritable = undefined;
      this.#saved();
    } else if (report.kind === 'failed' || report.kind === 'ended') {
      this.#down(report.reason);
    } else if (report.kind === 'refused') {
      this.#down(report.what);
    }
  }

  #down(reason: string): void {
    const wasSaving = this.#state.kind === 'saving';
    this.#state = { kind: 'down' };
    if (wasSaving) this.#saved(reason);
  }

  #unreadable(reason: string, isNew: boolean): StoreError {
    return isNew
      ? StoreError.of(this.file, 'unusable', `cannot be made, ${reason}`)
      : StoreError.of(this.file, 'damaged', `cannot be read, ${reason}: ${damagedAdvice}`);
  }
}
