import type { Logger } from 'pino';
import type { Broker } from '../broker/broker.ts';
import { tellTime } from './attach.ts';
import type { MeasuredStore } from './measured-store.ts';
import type { Statistics } from './statistics.ts';

/** What keeping works with. */
export interface KeepingOptions {
  /** Where the cache is kept, if it is. */
  readonly store: MeasuredStore | undefined;
  readonly broker: Broker;
  readonly logger: Logger;
  readonly statistics: Statistics;
  /** Called when the broker may want to be called earlier than before. */
  readonly wakeTicker: () => void;
  /** Something was written, and took so long in ms. */
  readonly committed: (tookMs: number) => void;
}

/** How long the store may take to write the last changes, and again to end, in ms. */
const storeGraceMs = 5000;

/** Takes a node's cache from its store, and sees to it that it is there in the end. */
export class Keeping {
  readonly #options: KeepingOptions;

  constructor(options: KeepingOptions) {
    this.#options = options;
  }

  /**
   * Takes back the cache as it was kept.
   *
   * @throws StoreError
   */
  async restore(): Promise<void> {
    const { store: measured, broker, logger, statistics, wakeTicker, committed } = this.#options;
    if (measured === undefined) return;
    const { cache, keeper } = broker;
    const { store } = measured;
    const { entries, context, nodeId, unwritable } = await store.load((entry) => {
      cache.restore(entry);
    });
    store.onSaved((failure) => {
      if (failure === undefined) committed(measured.tookMs);
      tellTime(broker);
      keeper.saved(failure);
      wakeTicker();
    });
    broker.restored(context, nodeId);
    logger.info({ store: store.file, entries }, 'the cache is as it was kept');
    if (unwritable === undefined) return;
    statistics.storeFailure = unwritable.reason;
    logger.error({ store: store.file, reason: unwritable.reason }, 'the store cannot be written');
  }

  /** Resolves when the cache is kept, or tells why it cannot be. */
  allKept(): Promise<string | undefined> {
    const { store: measured, broker, wakeTicker } = this.#options;
    tellTime(broker);
    return new Promise((resolve) => {
      const limit = setTimeout(() => {
        resolve(`it took more than ${storeGraceMs} ms`);
        // It is not waited for once more: this also ends whoever waits for a FLUSH.
        measured?.store.kill();
      }, storeGraceMs);
      broker.keeper.whenAllKept((failure) => {
        clearTimeout(limit);
        resolve(failure);
      });
      wakeTicker();
    });
  }

  /** Has the last changes written, and ends the store. */
  async leave(): Promise<void> {
    const { store: measured, broker, logger } = this.#options;
    if (measured === undefined) return;
    const { store } = measured;
    const failure = await this.allKept();
    if (failure !== undefined) {
      logger.error({ reason: failure }, 'the last changes of the cache are lost');
    }
    const limit = setTimeout(() => {
      logger.error('the process of the store does not end: it is killed');
      store.kill();
    }, storeGraceMs);
    await store.close(failure === undefined ? broker.cache.lastingId : undefined);
    clearTimeout(limit);
  }
}
