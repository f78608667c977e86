import { connect } from '@clacks/client';
import type { ConnectOptions } from '@clacks/client';
import { NodeUnderTest } from './node-under-test.ts';
import type { Needs, NodeOptions } from './node-under-test.ts';

/** What became of a synchronisation. */
export interface SyncResult {
  readonly syncMs: number;
  /** The master before the slave came, and while it was synchronised. */
  readonly before: Needs;
  readonly master: Needs;
  readonly slave: Needs;
  /** Entries that the slave has in the end. */
  readonly entries: number;
}

const requestTimeoutMs = 120_000;

/** Stores so many entries, with names of 20 bytes and values of 16. */
export const fillCache = async (node: ConnectOptions, entries: number): Promise<void> => {
  const writer = await connect({ ...node, requestTimeoutMs });
  for (let index = 0; index < entries; index++) {
    await writer.store(`bench::${String(index).padStart(13, '0')}`, 'sixteen bytes ok');
  }
  await writer.flush();
  await writer.close();
};

/** How many names a node's cache has. */
export const countKeys = async (node: ConnectOptions): Promise<number> => {
  const reader = await connect({ ...node, requestTimeoutMs });
  const names = await reader.keylist();
  await reader.close();
  return names.length;
};

/** Starts a slave of a master. */
export const startSlave = (
  masterSocket: string,
  options: NodeOptions = {},
): Promise<NodeUnderTest> =>
  NodeUnderTest.start(`<master><socket>${masterSocket}</socket></master>`, options);

/** Waits until a slave that was just started has all that its master has. */
export const untilSynchronised = (slave: NodeUnderTest): Promise<void> =>
  slave.logged('synchronised with the master');

/** Fills a node, links another one to it, and measures both. */
export const runSync = async (entries: number): Promise<SyncResult> => {
  await using master = await NodeUnderTest.start();
  await fillCache(master.connection, entries);
  await master.needs();
  const before = await master.needs();
  const beganAtMs = performance.now();
  await using slave = await startSlave(master.socketPath);
  await untilSynchronised(slave);
  const syncMs = performance.now() - beganAtMs;
  const [ofMaster, ofSlave] = [await master.needs(), await slave.needs()];
  const count = await countKeys(slave.connection);
  return { syncMs, before, master: ofMaster, slave: ofSlave, entries: count };
};
