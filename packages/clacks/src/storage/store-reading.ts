import type { CacheEntry } from '../broker/ports.ts';
import { readEntries } from './changes.ts';
import type { Salvage, StoreInfo, StoreTask } from './messages.ts';
import { StoreChild } from './store-child.ts';
import { damagedAdvice, StoreError } from './store-error.ts';
import { newOwner } from './store-owner.ts';

/**
 * A process that tells nothing for so long goes round in circles in a damaged file, in ms. What it
 * reads without a word is 1 MiB at most.
 */
const silenceMs = 60_000;
/** For a salvage, which goes on behind that place, and may come to many such. */
const salvageSilenceMs = 10_000;

/** Who takes what is read of a store. What comes next waits until it has. */
export interface EntryTaker {
  /** Comes first. It may not, if the file is damaged. */
  readonly opened?: (info: StoreInfo) => void;
  /** Some entries: key and record, their lengths before them. */
  readonly entries: (data: Uint8Array) => void | Promise<void>;
}

const read = (task: StoreTask, { opened, entries }: EntryTaker): Promise<void> =>
  new Promise((resolve, reject) => {
    const damaged = (what: string): StoreError =>
      StoreError.of(task.file, 'damaged', `cannot be read, ${what}: ${damagedAdvice}`);
    let outcome: Error | 'done' | undefined;
    // It is over when the process has ended: until then it counts as one that uses the store.
    const end = (how: Error | 'done'): void => {
      outcome ??= how;
      child.kill();
    };
    const timeoutMs = task.what === 'salvage' ? salvageSilenceMs : silenceMs;
    const watchdog = setTimeout(() => {
      end(damaged('it leads round in circles'));
    }, timeoutMs);
    const take = async (data: Uint8Array): Promise<void> => {
      try {
        await entries(data);
        watchdog.refresh();
        child.ask({ kind: 'next' });
      } catch (error) {
        end(error as Error);
      }
    };
    const child = new StoreChild(task, (report) => {
      if (report.kind === 'opened') opened?.(report);
      else if (report.kind === 'entries') void take(report.data);
      else if (report.kind === 'refused') end(new StoreError(report.problem, report.what));
      else if (report.kind === 'done') end('done');
      else if (report.kind === 'ended') {
        clearTimeout(watchdog);
        outcome ??= damaged(report.reason);
        if (outcome === 'done') resolve();
        else reject(outcome);
      }
    });
  });

/**
 * Reads all entries of a store as they are at one moment, in the order of their keys, whoever uses it
 * meanwhile.
 *
 * @throws StoreError if it cannot be read, or not all of it is as it was written.
 */
export const readRawStore = (file: string, taker: EntryTaker): Promise<void> =>
  read({ file, what: 'read', owner: newOwner() }, taker);

/**
 * Reads what can be read of a damaged store.
 *
 * @throws StoreError if it comes to something that cannot be read, or the store is in use.
 */
export const salvageStore = (file: string, part: Salvage, taker: EntryTaker): Promise<void> =>
  read({ file, what: 'salvage', owner: newOwner(), salvage: part }, taker);

/**
 * Reads all entries of a store as they are at one moment, whoever uses it meanwhile.
 *
 * @param opened - Is told before what all entries have in common.
 * @param batch - Is given some entries. The next ones come when it has taken them.
 * @throws StoreError if it cannot be read, or not all of it is as it was written.
 */
export const readStore = (
  file: string,
  opened: (info: StoreInfo) => void,
  batch: (entries: Iterable<CacheEntry>) => void | Promise<void>,
): Promise<void> => readRawStore(file, { opened, entries: (data) => batch(readEntries(data)) });
