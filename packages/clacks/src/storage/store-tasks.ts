import { stat } from 'node:fs/promises';
import type { StoreInfo } from './messages.ts';
import { StoreChild } from './store-child.ts';
import { StoreError } from './store-error.ts';
import { newOwner } from './store-owner.ts';
import { readRawStore, readStore } from './store-reading.ts';
import { NewStore } from './new-store.ts';

/** What is in a store. */
export interface StoreContents {
  /** Entries, tombstones included. */
  readonly entries: number;
  readonly tombstones: number;
  /** Bytes of all names and values. */
  readonly bytes: number;
  /** Size of the file, in bytes. */
  readonly fileBytes: number;
}

/**
 * Reads all of a store, whoever uses it meanwhile, and compares it with its checksums.
 *
 * @throws StoreError if it is not as it was written, or cannot be read.
 */
export const checkStore = async (file: string): Promise<StoreContents> => {
  let [entries, tombstones, bytes] = [0, 0, 0];
  await readStore(
    file,
    () => undefined,
    (batch) => {
      for (const { name, value } of batch) {
        entries++;
        if (value === undefined) tombstones++;
        bytes += name.length + (value?.length ?? 0);
      }
    },
  );
  const { size: fileBytes } = await stat(file);
  return { entries, tombstones, bytes, fileBytes };
};

/** Fills a new store with all entries of another one, and reads it again. */
const fill = async (target: NewStore, file: string, nodeId?: string): Promise<StoreContents> => {
  let context: StoreInfo['context'];
  await readRawStore(file, {
    opened: (info) => {
      ({ context } = info);
    },
    entries: (data) => target.add(data),
  });
  await target.finish({ context, nodeId });
  return checkStore(target.file);
};

/**
 * Copies a store as it is at one moment, whoever uses it meanwhile.
 *
 * @param target - Is there as a whole or not at all.
 * @throws StoreError if the store cannot be read as it was written, or the copy cannot be made, or
 * something of that name is there already.
 */
export const copyStore = async (file: string, target: string): Promise<StoreContents> => {
  await using copy = new NewStore(target);
  const contents = await fill(copy, file);
  await copy.place();
  return contents;
};

/** Keeps others from using a store. */
interface Hold {
  readonly info: StoreInfo;
  /** Lets it go, left in order by that run of a node. */
  end(nodeId: string | undefined): Promise<void>;
}

const holdStore = (file: string): Promise<Hold> =>
  new Promise((resolve, reject) => {
    let ended: () => void = () => undefined;
    const over = new Promise<void>((done) => {
      ended = done;
    });
    const child: StoreChild = new StoreChild(
      { file, what: 'hold', owner: newOwner() },
      (report) => {
        if (report.kind === 'ended') {
          ended();
          reject(StoreError.of(file, 'damaged', `cannot be used, ${report.reason}`));
        } else if (report.kind === 'refused') {
          reject(new StoreError(report.problem, report.what));
        } else if (report.kind === 'opened') {
          resolve({
            info: report,
            end: (nodeId) => {
              child.ask({ kind: 'close', nodeId });
              return over;
            },
          });
        }
      },
    );
  });

/** What has become of a store that was compacted. */
export interface Compacted extends StoreContents {
  /** The size of its file before. */
  readonly fileBytesBefore: number;
}

/**
 * Makes a store's file as small as it can be. It is replaced as a whole or not at all.
 *
 * @throws StoreError if a server uses it, it cannot be read as it was written, or there is no room.
 */
export const compactStore = async (file: string): Promise<Compacted> => {
  // Nothing is changed in one that is missing or damaged.
  await checkStore(file);
  const hold = await holdStore(file);
  try {
    const { size: fileBytesBefore } = await stat(file);
    await using compacted = new NewStore(file);
    const contents = await fill(compacted, file, hold.info.nodeId);
    await compacted.replace();
    return { ...contents, fileBytesBefore };
  } finally {
    // If it was replaced, that happens to what nobody sees any more.
    await hold.end(hold.info.nodeId);
  }
};
