import { describe, expect, it } from 'vitest';
import { Interclacks } from '../../src/link/interclacks.ts';
import { TestNode, tokenLine } from '../broker/support.ts';

describe('a node that drops its values because those of its master come in their place', () => {
  const newTree = () => {
    const node = new TestNode({ identification: 'clacks-ts 1' });
    const interclacks = new Interclacks(node.broker, {
      clockId: 'clock',
      interclacksPingTimeoutMs: 60_000,
      interclacksReconnectTimeoutMs: 1000,
      report: () => undefined,
      random: () => 0,
      master: undefined,
    });
    const slave = node.connect();
    slave.say('CLACKS clacks-ts 1 in interclacks client mode', tokenLine('admin'), 'OVERHEAD I 1');
    slave.take();
    return { cache: node.broker.cache, interclacks, slave };
  };
  const entry = (name: string) => `KEYSYNC 1700000001 1700000001 U ${name}=1`;

  it('does not take them back from a slave that had not heard of it yet', () => {
    const { cache, interclacks, slave } = newTree();
    interclacks.drop(undefined);
    interclacks.drop(undefined);
    expect(slave.take()).toEqual(['CLEARCACHE', 'CLEARCACHE']);
    slave.say(entry('dropped'), 'CLEARED 1700000002', 'ECHOED dropped', entry('alsoDropped'));
    slave.say('ECHOED dropped', entry('new'));
    expect(cache.keys()).toEqual(['new']);
  });

  it('is told by a slave when it has dropped its own', () => {
    const { slave } = newTree();
    slave.say('CLEARCACHE');
    expect(slave.take()).toEqual(['ECHOED dropped']);
  });
});
