import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { all, TestNode } from './support.ts';

/** What a client may send in one packet: signals of few names, and what comes between them. */
const line = fc.constantFrom(
  'SET a=1',
  'SET a=2',
  'SET a=',
  'SET ab=1',
  'NOTIFY a',
  'NOTIFY ab',
  'STORE a=3',
  'RETRIEVE a',
  'SETANDSTORE a=4',
  'LISTEN a',
  'UNLISTEN a',
  'FLUSH x',
  'NOP',
);
const lines = fc.array(line, { maxLength: 30 });

describe('signals that come together', () => {
  it('mean the same as one by one', () => {
    fc.assert(
      fc.property(lines, (given) => {
        const told = [
          (text: string[]) => [text],
          (text: string[]) => text.map((each) => [each]),
        ].map((packets) => {
          const node = new TestNode();
          const [sender, listener, other] = [node.login(), node.login(), node.login()];
          listener.say('LISTEN a');
          other.say('LISTEN *', 'LISTEN ab');
          for (const packet of packets(given)) sender.say(...packet);
          return [sender, listener, other].map((connection) => connection.take());
        });
        expect(told[0]).toEqual(told[1]);
      }),
      { numRuns: 1000 },
    );
  });

  it('are denied one by one', () => {
    const node = new TestNode();
    const reader = node.login('ro');
    reader.say('SET a=1', 'SET a=2', 'NOTIFY a', 'NOTIFY a');
    expect(reader.take()).toEqual(Array(4).fill('OVERHEAD E permission_denied'));
    expect(node.broker.refusals.denied).toBe(4);
  });

  it('are shown to who watches one by one', () => {
    const node = new TestNode();
    const [watcher, sender] = [node.login(), node.login()];
    watcher.say('MONITOR').take();
    sender.say('SET a=1', 'SET a=2');
    expect(watcher.take()).toEqual([`DEBUG ${sender.cid}=SET a=1`, `DEBUG ${sender.cid}=SET a=2`]);
  });

  it('count one by one where somebody may send so many', () => {
    const node = new TestNode({ authenticate: () => ({ ...all, maxMessagesPerSecond: 2 }) });
    const [listener, sender] = [node.login(), node.login('other')];
    listener.say('LISTEN a');
    sender.say('SET a=1', 'SET a=2', 'SET a=3', 'SET a=4');
    expect(listener.take()).toEqual(['SET a=1', 'SET a=2']);
  });
});
