import { describe, expect, it } from 'vitest';
import { TestMaster } from './support.ts';

const pingsOf = (lines: readonly string[]): number =>
  lines.filter((line) => line === 'PING').length;

describe('a slave that has to hear from its master', () => {
  it('within no time at all does not keep it busy with nothing else', () => {
    const master = new TestMaster();
    const slave = master.newSlave();
    const { node } = master;
    slave.say('NODE slave 5e-324');
    slave.take();
    for (let ms = 0; ms < 100; ms++) {
      node.nowMs++;
      node.tellTime();
      node.broker.tick();
    }
    expect(pingsOf(slave.take())).toBeLessThanOrEqual(10);
  });

  it('within less than the usual time hears from it three times in that', () => {
    const master = new TestMaster();
    const slave = master.newSlave();
    slave.say('NODE slave 300');
    slave.take();
    master.node.pass(300);
    expect(pingsOf(slave.take())).toBe(3);
  });
});
