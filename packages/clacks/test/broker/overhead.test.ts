import { describe, expect, it } from 'vitest';
import { TestNode, tokenLine } from './support.ts';

describe('OVERHEAD', () => {
  it('S shuts the node down in that many seconds, if they are more than 0', () => {
    const node = new TestNode();
    const manager = node.login().say('OVERHEAD S 0', 'OVERHEAD S -1', 'OVERHEAD S soon');
    node.pass(10_000);
    expect(node.shutdownRequestedBy).toBeUndefined();
    manager.say('OVERHEAD S 2.5');
    node.pass(2_000);
    expect(node.shutdownRequestedBy).toBeUndefined();
    node.pass(600);
    expect(node.shutdownRequestedBy).toBe(manager.cid);
  });

  it('C closes everybody only with a true text', () => {
    const node = new TestNode();
    const [manager, other] = [node.login(), node.login()];
    manager.say('OVERHEAD C 0');
    expect(other.closedBecause).toBeUndefined();
    manager.say('OVERHEAD C 1');
    expect([manager.closedBecause, other.closedBecause]).toEqual([
      'disconnected_by_manager',
      'disconnected_by_manager',
    ]);
  });

  it('E is told to the operator, with D it is not', () => {
    const node = new TestNode();
    node.login().say('OVERHEAD E sensor broken', 'OVERHEAD ED only for the monitor');
    expect(node.errors).toEqual(['sensor broken']);
  });

  it('G reaches only those who have logged in', () => {
    const node = new TestNode();
    const stranger = node.connect();
    stranger.take();
    node.login().say('OVERHEAD GM hello');
    expect(stranger.take()).toEqual([]);
  });

  it('G does not forward L and I, and a login never', () => {
    const node = new TestNode();
    const other = node.login();
    node.login().say('OVERHEAD GL 1', 'OVERHEAD GI 0', tokenLine('rw').replace(' A ', ' GA '));
    expect(other.take()).toEqual([]);
  });

  it('never mirrors a login to the monitors', () => {
    const node = new TestNode();
    const monitor = node.login().say('MONITOR');
    node.login().say(tokenLine('rw'), 'PING');
    const mirrored = monitor.take();
    expect(mirrored.some((line) => line.includes('OVERHEAD'))).toBe(false);
    expect(mirrored.at(-1)).toMatch(/=PING$/u);
  });
});

describe('the end of a connection', () => {
  it('is told to the monitors with the bytes that were lost', () => {
    const node = new TestNode();
    const monitor = node.login().say('MONITOR');
    const client = node.login();
    monitor.take();
    client.outbufferLength = 17;
    client.vanish();
    expect(monitor.take()).toEqual([
      `DEBUG DISCONNECTED=${client.cid} (17 bytes discarded from outbuffer)`,
    ]);
  });

  it('of the node itself is told to everybody', () => {
    const node = new TestNode();
    const [client, stranger] = [node.login(), node.connect()];
    node.broker.shutdown();
    expect(client.take()).toEqual(['QUIT']);
    expect(stranger.take().at(-1)).toBe('QUIT');
    expect([client.closedBecause, stranger.closedBecause]).toEqual(['shutdown', 'shutdown']);
  });
});

describe('a link', () => {
  it('cannot be made yet, and a client that tries is told so', () => {
    const node = new TestNode();
    const client = node.login().say('OVERHEAD I 1', 'KEYSYNC 1 1 U x=1', 'RETRIEVE x');
    expect(client.take()).toEqual([
      'OVERHEAD E not_supported interclacks',
      'OVERHEAD E not_linked',
      'NOTRETRIEVED x',
    ]);
  });
});
