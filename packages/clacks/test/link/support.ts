import { Interclacks } from '../../src/link/interclacks.ts';
import { TestNode, tokenLine } from '../broker/support.ts';
import type { TestConnection } from '../broker/support.ts';

/** A node without a master, that slaves of ours link to. */
export class TestMaster {
  readonly node = new TestNode({ identification: 'clacks-ts 1' });
  readonly interclacks = new Interclacks(this.node.broker, {
    clockId: 'clock',
    interclacksPingTimeoutMs: 60_000,
    interclacksReconnectTimeoutMs: 1000,
    report: () => undefined,
    random: () => 0,
    master: undefined,
  });

  /** A slave that has asked to be one, but has not told who it is. */
  newSlave(): TestConnection {
    const slave = this.node.connect();
    slave.say('CLACKS clacks-ts 1 in interclacks client mode', tokenLine('admin'), 'OVERHEAD I 1');
    slave.take();
    return slave;
  }
}
