import { matchesPattern } from '@clacks/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Listeners } from '../../src/broker/listeners.ts';
import { TestNode } from './support.ts';

const level = fc.constantFrom('a', 'b', '*', 'c', '');
const name = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('::'));
const pattern = fc
  .tuple(fc.array(level, { maxLength: 3 }), fc.constantFrom('a', 'b', '*', '**'))
  .map(([levels, last]) => [...levels, last].join('::'));

describe('listeners', () => {
  it('finds whom a slow comparison with every pattern finds, while they come and go', () => {
    const step = fc.record({ who: fc.nat(3), pattern, name });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const listeners = new Listeners<number>(1);
        const model: { who: number; pattern: string }[] = [];
        for (const { who, pattern: wanted, name: sent } of steps) {
          const index = model.findIndex((each) => each.who === who && each.pattern === wanted);
          if (index === -1) {
            listeners.add(wanted, who);
            model.push({ who, pattern: wanted });
          } else {
            listeners.remove(wanted, who);
            model.splice(index, 1);
          }
          const expected = model.filter((each) => matchesPattern(each.pattern, sent));
          const found = [...listeners.of(sent)].sort();
          expect(found).toEqual([...new Set(expected.map((each) => each.who))].sort());
        }
      }),
    );
  });

  it('delivers a signal once to a client whose names and patterns fit several times', () => {
    const node = new TestNode();
    const listener = node.login().say('LISTEN a::b', 'LISTEN a::*', 'LISTEN **', 'LISTEN *::b');
    node.login().say('SET a::b=1', 'NOTIFY a::b::c');
    expect(listener.take()).toEqual(['SET a::b=1', 'NOTIFY a::b::c']);
  });

  it('stops delivering what a pattern stood for when it is unlistened', () => {
    const node = new TestNode();
    const listener = node.login().say('LISTEN a::*', 'LISTEN a::b');
    const sender = node.login().say('SET a::b=1', 'SET a::c=2');
    listener.say('UNLISTEN a::*');
    sender.say('SET a::b=3', 'SET a::c=4');
    expect(listener.take()).toEqual(['SET a::b=1', 'SET a::c=2', 'SET a::b=3']);
  });

  it('refuses a pattern with more than 32 levels', () => {
    const client = new TestNode().login().say(`LISTEN ${'a::'.repeat(40)}**`, 'FLUSH x');
    expect(client.take()).toEqual(['OVERHEAD E limit_exceeded levels of a pattern', 'FLUSHED x']);
  });

  it('refuses more names than one connection may have, and others go on', () => {
    const node = new TestNode({ maxNames: 3 });
    const [client, other] = [node.login(), node.login()];
    client.say('LISTEN a', 'LISTEN b', 'LISTEN c::*', 'LISTEN a', 'LISTEN d');
    expect(client.take()).toEqual(['OVERHEAD E limit_exceeded maxnames 3']);
    other.say('LISTEN d', 'NOTIFY c::x', 'NOTIFY d');
    expect(client.take()).toEqual(['NOTIFY c::x']);
    client.say('UNLISTEN a', 'LISTEN d', 'NOTIFY d');
    expect([...client.take(), ...other.take()]).toEqual(['NOTIFY d']);
  });

  it('refuses more bytes of names than all connections may have together', () => {
    const node = new TestNode();
    const [client, other] = [node.login().say('LISTEN a', 'LISTEN b::*'), node.login()];
    const ofTwo = node.broker.nameBytes;
    expect(ofTwo).toBeGreaterThan(400);
    // As if many others listened to much.
    node.broker.nameBytes += 512 * 1024 * 1024;
    expect(other.say('LISTEN c').take()).toEqual([
      'OVERHEAD E limit_exceeded 536870912 bytes of names of all',
    ]);
    node.broker.nameBytes -= 512 * 1024 * 1024;
    expect(other.say('LISTEN c', 'UNLISTEN c').take()).toEqual([]);
    expect(node.broker.nameBytes).toBe(ofTwo);
    client.vanish();
    expect(node.broker.nameBytes).toBe(0);
  });

  it('refuses more patterns and more bytes of names than one connection may have', () => {
    const client = new TestNode().login();
    for (let index = 0; index < 1000; index++) client.say(`LISTEN p::${index}::*`);
    expect(client.say('LISTEN p::1000::*').take()).toEqual([
      'OVERHEAD E limit_exceeded 1000 patterns',
    ]);
    expect(client.say('UNLISTEN p::0::*', 'LISTEN p::1000::*').take()).toEqual([]);
    const name = 'n'.repeat(1_000_000);
    for (let index = 0; index < 33; index++) client.say(`LISTEN ${name}${index}`);
    expect(client.say(`LISTEN ${name}33`).take()).toEqual([
      'OVERHEAD E limit_exceeded 33554432 bytes of names',
    ]);
  });

  it('counts what names cost beside their bytes, until they are not listened to', () => {
    const client = new TestNode().login();
    const refusals = () => {
      for (let index = 0; index < 200_000; index++) client.say(`LISTEN ${index}`);
      return client.take().length;
    };
    expect(refusals()).toBeGreaterThan(10_000);
    for (let index = 0; index < 200_000; index++) client.say(`UNLISTEN ${index}`);
    expect(client.say('LISTEN x').take()).toEqual([]);
  });

  it('delivers names with more levels than a pattern can have', () => {
    const node = new TestNode();
    const listener = node.login().say('LISTEN a::**');
    const deep = `${'a::'.repeat(50)}z`;
    node.login().say(`NOTIFY ${deep}`);
    expect(listener.take()).toEqual([`NOTIFY ${deep}`]);
  });

  it('forgets everything a client listened to when it is gone', () => {
    const node = new TestNode();
    const [first, second] = [node.login(), node.login()];
    first.say('LISTEN a', 'LISTEN a::*');
    second.say('LISTEN a');
    first.vanish();
    first.take();
    node.login().say('SET a=1', 'SET a::b=2');
    expect(first.take()).toEqual([]);
    expect(second.take()).toEqual(['SET a=1']);
  });
});
