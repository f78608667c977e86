import { connect } from '@clacks/client';
import { NodeUnderTest } from './node-under-test.ts';
import type { Needs } from './node-under-test.ts';

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

/** Fills a node, links another one to it, and measures both. */
export const runSync = async (entries: number): Promise<SyncResult> => {
  await using master = await NodeUnderTest.start();
  const writer = await connect({ ...master.connection, requestTimeoutMs: 120_000 });
  for (let index = 0; index < entries; index++) {
    await writer.store(`bench::${String(index).padStart(13, '0')}`, 'sixteen bytes ok');
  }
  await writer.flush();
  await writer.close();
  await master.needs();
  const before = await master.needs();
  const beganAtMs = performance.now();
  await using slave = await NodeUnderTest.start(
    `<master><socket>${master.socketPath}</socket></master>`,
  );
  await slave.logged('synchronised with the master');
  const syncMs = performance.now() - beganAtMs;
  const [ofMaster, ofSlave] = [await master.needs(), await slave.needs()];
  const reader = await connect({ ...slave.connection, requestTimeoutMs: 120_000 });
  const names = await reader.keylist();
  await reader.close();
  return { syncMs, before, master: ofMaster, slave: ofSlave, entries: names.length };
};
