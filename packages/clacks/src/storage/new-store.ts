import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { StoredContext } from '../broker/ports.ts';
import { StoreChild } from './store-child.ts';
import { StoreError } from './store-error.ts';
import { lockFileOf, syncDirectory } from './store-file.ts';
import { newOwner } from './store-owner.ts';

/** What a store has besides its entries. */
export interface StoreTail {
  readonly context: StoredContext | undefined;
  /** The run of the node that has left it in order, if that is to go on with it. */
  readonly nodeId?: string | undefined;
}

/**
 * A store that is being made of entries of another one. It has a name of its own until it is put into
 * its place: there it is as a whole or not at all.
 */
export class NewStore implements AsyncDisposable {
  /** Where it is until it is put into its place. */
  readonly file: string;
  readonly #target: string;
  readonly #child: StoreChild;
  readonly #ended: Promise<void>;
  #isOver = false;
  #settle: { resolve: (entries: number) => void; reject: (error: Error) => void } | undefined;
  #failure: Error | undefined;
  /** Settles when the process is ready for more. */
  #ready: Promise<number>;

  /** @param target - Its place. */
  constructor(target: string) {
    this.#target = target;
    this.file = `${target}.${randomBytes(6).toString('hex')}.new`;
    this.#ready = this.#answer();
    let ended: () => void = () => undefined;
    this.#ended = new Promise((resolve) => {
      ended = resolve;
    });
    this.#child = new StoreChild({ file: this.file, what: 'make', owner: newOwner() }, (report) => {
      if (report.kind === 'ended') ended();
      if (report.kind === 'saved') this.#settle?.resolve(0);
      else if (report.kind === 'done') {
        this.#isOver = true;
        this.#settle?.resolve(report.entries);
      } else if (report.kind === 'refused') this.#fail(new Error(report.what));
      else if (report.kind === 'ended' && !this.#isOver) this.#fail(new Error(report.reason));
    });
  }

  /**
   * Adds entries: key and record, their lengths before them. Resolves when there may be more.
   *
   * @throws StoreError if it cannot be written.
   */
  async add(data: Uint8Array): Promise<void> {
    await this.#ready;
    this.#ready = this.#answer();
    this.#child.ask({ kind: 'add', data });
    await this.#ready;
  }

  /**
   * Ends it.
   *
   * @returns How many entries it has.
   * @throws StoreError if it cannot be written.
   */
  async finish({ context, nodeId }: StoreTail): Promise<number> {
    await this.#ready;
    const done = this.#answer();
    this.#child.ask({ kind: 'finish', context, nodeId });
    const entries = await done;
    await rm(lockFileOf(this.file), { force: true });
    return entries;
  }

  /**
   * Puts it into its place, where nothing is.
   *
   * @throws StoreError if there is something.
   */
  async place(): Promise<void> {
    try {
      // A rename alone would replace what is there.
      await (await open(this.#target, 'wx')).close();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const what = code === 'EEXIST' ? 'is there already' : `cannot be made: ${message}`;
      throw new StoreError('unusable', `${this.#target} ${what}.`);
    }
    await rename(this.file, this.#target);
    await syncDirectory(path.dirname(this.#target));
  }

  /** Puts it into its place, where another one was. */
  async replace(): Promise<void> {
    await rename(this.file, this.#target);
    // LMDB's own file beside it stays: whoever opens the new one must see who is there already.
    await syncDirectory(path.dirname(this.#target));
  }

  /** Leaves nothing behind of what was not put into its place. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#child.kill();
    await this.#ended;
    for (const file of [this.file, lockFileOf(this.file)]) {
      // Why it could not be made matters more.
      await rm(file, { force: true }).catch(() => undefined);
    }
  }

  #answer(): Promise<number> {
    const answer = new Promise<number>((resolve, reject) => {
      this.#settle = { resolve, reject };
      if (this.#failure !== undefined) reject(this.#failure);
    });
    // Who waits for it hears of it.
    answer.catch(() => undefined);
    return answer;
  }

  #fail({ message }: Error): void {
    this.#failure ??= new StoreError(
      'unusable',
      `${this.#target} cannot be written: ${message.replace(/\.$/u, '')}.`,
    );
    this.#settle?.reject(this.#failure);
  }
}
