import { describe, expect, it } from 'vitest';
import { TestMaster } from './support.ts';

describe('a slave that links anew while its older link still brings something', () => {
  it('does not get its own signals back', () => {
    const master = new TestMaster();
    const older = master.newSlave();
    older.say('NODE slave 1000');
    const newer = master.newSlave();
    older.say('SET x=1', 'OVERHEAD GN x', 'NOTIFY x');
    newer.say('NODE slave 1000');
    older.say('SET x=2');
    expect(older.closedBecause).toBe('link_replaced');
    const signal = /^(?:SET|NOTIFY|OVERHEAD GN) x/u;
    expect(newer.take().filter((line) => signal.test(line))).toEqual([]);
  });

  it('is sent nothing before it has told who it is', () => {
    const slave = new TestMaster().newSlave();
    expect(slave.take()).toEqual([]);
    slave.say('NODE slave 1000');
    expect(slave.take()[0]).toBe('OVERHEAD L 1');
  });
});
