import { describe, expect, it } from 'vitest';
import { all, TestNode, tokenLine } from './support.ts';

describe('login', () => {
  it('holds the lines that follow a login until an asynchronous check has answered', async () => {
    const node = new TestNode({ authenticate: () => Promise.resolve(all) });
    const client = node.connect();
    client.say(tokenLine('x'), 'STORE a=1', 'RETRIEVE a');
    expect(client.take()).toEqual(['CLACKS test', 'OVERHEAD M Authentication required']);
    await new Promise(setImmediate);
    expect(client.take()).toEqual(['OVERHEAD O Welcome!', 'RETRIEVED a=1']);
  });

  it('refuses only the login whose check throws or rejects', async () => {
    const failure = new Error('database away');
    const node = new TestNode({
      authenticate: (username) => {
        if (username === 'throws') throw failure;
        return username === 'rejects' ? Promise.reject(failure) : all;
      },
    });
    const throws = node.connect().say(tokenLine('throws'));
    const rejects = node.connect().say(tokenLine('rejects'));
    const good = node.connect().say(tokenLine('good'), 'FLUSH 1');
    await new Promise(setImmediate);
    // It says nothing about the password: a client may try again.
    for (const unlucky of [throws, rejects]) {
      expect(unlucky.take().at(-1)).toBe('OVERHEAD E login_unavailable');
      expect(unlucky.closedBecause).toBe('login_unavailable');
    }
    expect(good.take()).toContain('FLUSHED 1');
    expect(node.failedLogins).toEqual([
      { username: 'throws', error: failure },
      { username: 'rejects', error: failure },
    ]);
  });

  it('ignores the answer of a check whose connection is gone', async () => {
    const node = new TestNode({ authenticate: () => Promise.resolve(all) });
    const client = node.connect();
    client.say(tokenLine('x'));
    client.vanish();
    client.take();
    await new Promise(setImmediate);
    expect(client.take()).toEqual([]);
    expect(node.broker.sessions.size).toBe(0);
  });

  it.each(['', 'nonsense', 'YQ==', 'YQ==:!!!', ':'])('refuses the token %j', (token) => {
    const client = new TestNode().connect().say(`OVERHEAD A ${token || 'x'}`);
    expect(client.take().at(-1)).toBe('OVERHEAD F Login failed!');
    expect(client.closedBecause).toBe('login_failed');
  });

  it.each([64_000, 1_000_000])('refuses a token of %d bytes of padding at once', (length) => {
    const token = `OVERHEAD A ${'='.repeat(length)}x:x`;
    const stranger = new TestNode().connect().say(token);
    expect(stranger.closedBecause).toMatch(/^login_(?:failed|limit)$/u);
    const client = new TestNode().login().say(token);
    expect(client.take()).toEqual(['OVERHEAD F Login failed!']);
  });

  it('that is a second one is given up in time, and the session still hears everybody', () => {
    let logins = 0;
    const node = new TestNode({
      authenticate: () => {
        logins++;
        return logins === 2 ? new Promise(() => undefined) : all;
      },
    });
    const client = node.login().say(tokenLine('again'));
    node.login().say('OVERHEAD GM to everybody');
    expect(client.take()).toEqual(['OVERHEAD GM to everybody']);
    node.pass(15_200);
    expect(client.closedBecause).toBe('auth_timeout');
    expect(client.take()).toEqual(['OVERHEAD E login_unavailable']);
  });

  it('tells a check when nobody waits for it any more', () => {
    const signals: AbortSignal[] = [];
    const node = new TestNode({
      authenticate: (_username, _password, _connection, signal) => {
        signals.push(signal);
        return new Promise(() => undefined);
      },
    });
    const slow = node.connect().say(tokenLine('slow'));
    node.connect().say(tokenLine('gone')).vanish();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
    node.pass(15_000);
    expect(slow.closedBecause).toBe('auth_timeout');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  it('takes the permissions of a second login', () => {
    const node = new TestNode();
    const client = node.login('ro').say('STORE x=1', tokenLine('rw'), 'STORE x=1', 'RETRIEVE x');
    expect(client.take()).toEqual([
      'OVERHEAD E permission_denied',
      'OVERHEAD O Welcome!',
      'RETRIEVED x=1',
    ]);
  });

  it('keeps of what it listens to and watches only what a second login may', () => {
    const node = new TestNode();
    const [writer, client] = [node.login('wo'), node.login('admin')];
    client.say('LISTEN x', 'LISTEN y::*', 'MONITOR', tokenLine('ro')).take();
    writer.say('NOTIFY x', 'NOTIFY y::z');
    expect(client.take()).toEqual(['NOTIFY x', 'NOTIFY y::z']);
    client.say(tokenLine('wo')).take();
    writer.say('NOTIFY x', 'NOTIFY y::z');
    expect(client.take()).toEqual([]);
  });

  it('is asked for in the same way before and after the first one', () => {
    const discarded = tokenLine('rw').replace(' A ', ' AD ');
    const client = new TestNode().connect().say(discarded, tokenLine('rw'), discarded);
    expect(client.take().slice(2)).toEqual(['OVERHEAD O Welcome!']);
  });

  it.each([
    ' OVERHEAD A',
    'overhead A',
    '\tOverhead GA',
    'OVERHEADA',
    '"OVERHEAD A',
    'OVERHEAD: A',
  ])('with a slip (%j) is not mirrored', (verb) => {
    const node = new TestNode();
    const monitor = node.login().say('MONITOR');
    monitor.take();
    node.login('rw').say(`${verb} token`);
    expect(monitor.take().join(' ')).not.toContain('token');
  });

  it('closes a connection that sends too much before it logs in, in lines or without', () => {
    const node = new TestNode();
    const lines = node.connect();
    lines.sayRaw('NONSENSE 1234567\r\n'.repeat(4000));
    expect(lines.closedBecause).toBe('login_limit');
    expect(lines.take().at(-1)).toMatch(/^OVERHEAD E limit_exceeded 65536 bytes before login$/u);
    const noEnd = node.connect();
    noEnd.sayRaw('x'.repeat(65_000));
    expect(noEnd.closedBecause).toBeUndefined();
    noEnd.sayRaw('x'.repeat(1_000));
    expect(noEnd.closedBecause).toBe('login_limit');
  });

  it('allows any amount behind the login in the same packet', () => {
    const client = new TestNode().connect();
    client.sayRaw(`${tokenLine('rw')}\r\n${'STORE x=1234567\r\n'.repeat(10_000)}FLUSH end\r\n`);
    expect(client.take().at(-1)).toBe('FLUSHED end');
  });

  it('handles nothing that comes after a refused login', () => {
    const node = new TestNode();
    node.connect().say(tokenLine('admin', 'wrong'), tokenLine('admin'), 'STORE x=1');
    expect(node.login().say('RETRIEVE x').take()).toEqual(['NOTRETRIEVED x']);
  });
});
