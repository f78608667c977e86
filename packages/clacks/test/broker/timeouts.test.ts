import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { TestNode, tokenLine } from './support.ts';

describe('timeouts of a session', () => {
  it('closes a connection that does not log in within the login timeout', () => {
    const node = new TestNode();
    const idle = node.connect();
    node.pass(14_000);
    expect(idle.closedBecause).toBeUndefined();
    node.pass(1_200);
    expect(idle.closedBecause).toBe('auth_timeout');
  });

  it('closes a client that does not ping, and tells it so', () => {
    const node = new TestNode();
    const client = node.login();
    node.pass(179_000);
    expect(client.closedBecause).toBeUndefined();
    node.pass(1_200);
    expect(client.closedBecause).toBe('ping_timeout');
    expect(client.take().at(-1)).toBe('TIMEOUT');
  });

  it('keeps a client that pings', () => {
    const node = new TestNode();
    const client = node.login();
    for (let minutes = 0; minutes < 20; minutes++) {
      node.pass(60_000);
      client.say('PING');
    }
    expect(client.closedBecause).toBeUndefined();
  });

  it('counts no other line as a ping', () => {
    const node = new TestNode();
    const client = node.login();
    for (let seconds = 0; seconds < 181; seconds++) {
      node.pass(1000);
      client.say('SET x=1');
    }
    expect(client.closedBecause).toBe('ping_timeout');
  });

  it('lets a client be silent from NOPING until its next PING', () => {
    const node = new TestNode();
    const client = node.login().say('NOPING');
    node.pass(3_600_000);
    expect(client.closedBecause).toBeUndefined();
    client.say('PING');
    node.pass(179_000);
    expect(client.closedBecause).toBeUndefined();
    node.pass(62_000);
    expect(client.closedBecause).toBe('ping_timeout');
  });

  it('applies a ping timeout shorter than the login timeout', () => {
    const node = new TestNode({ pingTimeoutMs: 2_000 });
    const client = node.login();
    node.pass(2_200);
    expect(client.closedBecause).toBe('ping_timeout');
  });

  it('closes a client that accepts none of the bytes that wait for it, NOPING or not', () => {
    const node = new TestNode();
    const client = node.login().say('NOPING');
    node.pass(10_000);
    client.stalledSinceMs = node.nowMs;
    node.pass(59_000);
    expect(client.closedBecause).toBeUndefined();
    node.pass(1_200);
    expect(client.closedBecause).toBe('write_stalled');
  });

  it('sends a NOP on a connection on which nothing was sent for a minute', () => {
    const node = new TestNode();
    const client = node.login();
    node.pass(59_000);
    expect(client.take()).toEqual([]);
    node.pass(1_200);
    expect(client.take()).toEqual(['NOP']);
    client.say('PING');
    node.pass(60_200);
    expect(client.take()).toEqual(['NOP']);
  });

  it('gives a second login its own time', async () => {
    let settle: () => void = () => undefined;
    let logins = 0;
    const node = new TestNode({
      authenticate: () => {
        logins++;
        if (logins === 1) return { read: true, write: true, manage: false, interclacks: false };
        return new Promise((resolve) => {
          settle = () => {
            resolve(undefined);
          };
        });
      },
    });
    const client = node.login().say('NOPING');
    node.pass(100_000);
    client.say(tokenLine('other'));
    node.pass(10_000);
    expect(client.closedBecause).toBeUndefined();
    settle();
    await Promise.resolve();
    node.pass(5_200);
    expect(client.closedBecause).toBe('login_failed');
  });
});

it('keeps nothing of a connection that is gone, although its timeouts are minutes ahead', async () => {
  const node = new TestNode();
  const gone = new WeakRef(node.login());
  const unknown = new WeakRef(node.connect());
  for (const connection of [gone, unknown]) connection.deref()?.vanish();
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // What a WeakRef has given is kept until the turn is over.
  await new Promise(setImmediate);
  collect();
  expect([gone.deref(), unknown.deref()]).toEqual([undefined, undefined]);
});
