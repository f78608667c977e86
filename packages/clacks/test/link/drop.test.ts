import { describe, expect, it } from 'vitest';
import { TestMaster } from './support.ts';

const entry = (name: string): string => `KEYSYNC 1700000001 1700000001 U ${name}=1`;

describe('a node that drops its values because those of its master come in their place', () => {
  it('does not take them back from a slave that had not heard of it yet', () => {
    const master = new TestMaster();
    const slave = master.newSlave();
    slave.say('NODE slave 1000').take();
    master.interclacks.drop(undefined);
    master.interclacks.drop(undefined);
    expect(slave.take()).toEqual(['CLEARCACHE', 'CLEARCACHE']);
    slave.say(entry('dropped'), 'CLEARED 1700000002', 'ECHOED dropped', entry('alsoDropped'));
    slave.say('ECHOED dropped', entry('new'));
    expect(master.node.broker.cache.keys()).toEqual(['new']);
  });

  it('is told by a slave when it has dropped its own', () => {
    const slave = new TestMaster().newSlave();
    slave.say('CLEARCACHE');
    expect(slave.take()).toEqual(['ECHOED dropped']);
  });
});
