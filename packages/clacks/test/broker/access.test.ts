import { describe, expect, it } from 'vitest';
import { commandTable } from '../../src/broker/command-table.ts';
import type { Permissions } from '../../src/broker/ports.ts';
import { TestNode, tokenLine } from './support.ts';

const kitchen: Permissions = {
  read: ['Kitchen::**', 'Garden::*::Temperature', 'Küche'],
  write: ['Kitchen::Heater::*', 'Door'],
  manage: false,
};
const admin: Permissions = { read: true, write: true, manage: true };

const nodeWith = (permissions: Permissions): TestNode =>
  new TestNode({ authenticate: (username) => (username === 'admin' ? admin : permissions) });

const denied = 'OVERHEAD E permission_denied';

/** A line of each verb that is about a name. */
const lineOf: Readonly<Record<string, (name: string) => string>> = {
  NOTIFY: (name) => `NOTIFY ${name}`,
  SET: (name) => `SET ${name}=1`,
  LISTEN: (name) => `LISTEN ${name}`,
  UNLISTEN: (name) => `UNLISTEN ${name}`,
  STORE: (name) => `STORE ${name}=1`,
  SETANDSTORE: (name) => `SETANDSTORE ${name}=1`,
  RETRIEVE: (name) => `RETRIEVE ${name}`,
  REMOVE: (name) => `REMOVE ${name}`,
  INCREMENT: (name) => `INCREMENT ${name}=2`,
  DECREMENT: (name) => `DECREMENT ${name}`,
};

const entries = Object.entries(commandTable);
const readers = entries.filter(([verb, { needs }]) => needs === 'read' && verb !== 'KEYLIST');
const writers = entries.filter(([, { needs }]) => needs === 'write');

describe('a login with names', () => {
  it.each(writers.map(([verb]) => verb))('may %s what it may write, and nothing else', (verb) => {
    const node = nodeWith(kitchen);
    const [watcher, client] = [node.login(), node.login('cook')];
    watcher.say('LISTEN **', 'STORE Kitchen::Oven=7', 'STORE Door=7').take();
    const line = lineOf[verb];
    if (line === undefined) throw new Error(`what is a ${verb}?`);
    const forbidden = ['Kitchen::Oven', 'Kitchen::Heater', 'Kitchen::Heater::a::b', 'Doors', 'Doo'];
    client.say(...forbidden.map(line));
    expect(client.take()).toEqual(forbidden.map(() => denied));
    watcher.say(...forbidden.map((name) => `RETRIEVE ${name}`));
    expect(watcher.take()).toEqual([
      'RETRIEVED Kitchen::Oven=7',
      ...forbidden.slice(1).map((name) => `NOTRETRIEVED ${name}`),
    ]);
    client.say(line('Kitchen::Heater::Power'), line('Door'));
    expect(client.take()).toEqual([]);
  });

  it.each(readers.map(([verb]) => verb))('may %s what it may read, and nothing else', (verb) => {
    const node = nodeWith(kitchen);
    const client = node.login('cook');
    const line = lineOf[verb];
    if (line === undefined) throw new Error(`what is a ${verb}?`);
    const forbidden = [
      'Cellar',
      'Kitchen',
      'Kitchens::a',
      'Garden::a',
      'Garden::a::b::Temperature',
    ];
    client.say(...forbidden.map(line));
    expect(client.take()).toEqual(forbidden.map(() => denied));
    const allowed = ['Kitchen::a', 'Kitchen::a::b', 'Garden::a::Temperature', 'K\u00c3\u00bcche'];
    client.say(...allowed.map(line));
    expect(client.take()).not.toContain(denied);
  });

  it('may listen to patterns within its own, and to no wider ones', () => {
    const node = nodeWith(kitchen);
    const [client, sender] = [node.login('cook'), node.login()];
    const within = ['Kitchen::**', 'Kitchen::*::b', 'Garden::*::Temperature'];
    client.say(...within.map((pattern) => `LISTEN ${pattern}`));
    expect(client.take()).toEqual([]);
    const wider = ['**', '*::**', 'Garden::**', 'Garden::*::*', '*::a::Temperature', '*'];
    client.say(...wider.map((pattern) => `LISTEN ${pattern}`));
    expect(client.take()).toEqual(wider.map(() => denied));
    sender.say('NOTIFY Kitchen::x::b', 'NOTIFY Garden::x::Temperature', 'NOTIFY Garden::x::Water');
    expect(client.take()).toEqual(['NOTIFY Kitchen::x::b', 'NOTIFY Garden::x::Temperature']);
  });

  it('takes a pattern for a name everywhere but in LISTEN', () => {
    const node = nodeWith({ read: ['A::*'], write: ['A::*'], manage: false });
    const client = node.login('some').say('STORE A::**=1', 'RETRIEVE A::**', 'KEYLIST');
    const listed = ['KEYLISTSTART', 'KEY A::**', 'KEYLISTEND'];
    expect(client.take()).toEqual(['RETRIEVED A::**=1', ...listed]);
    expect(client.say('LISTEN A::**').take()).toEqual([denied]);
  });

  it('is denied a pattern of more levels than there may be, before any is looked at', () => {
    const node = nodeWith({ read: ['*::**'], write: false, manage: false });
    const client = node
      .login('some')
      .say(`LISTEN ${'*::'.repeat(40)}a`, `LISTEN ${'*::'.repeat(9)}a`);
    expect(client.take()).toEqual([denied]);
  });

  it('may forward messages for people, and none that could mean something to programs', () => {
    const node = nodeWith(kitchen);
    const [client, other] = [node.login('cook'), node.login()];
    client.say(
      'OVERHEAD GNU Terry Pratchett',
      'OVERHEAD GF failed',
      'OVERHEAD GM x',
      'OVERHEAD GE x',
    );
    expect(client.take()).toEqual(['OVERHEAD GN Terry Pratchett', denied, denied, denied]);
    expect(other.take()).toEqual(['OVERHEAD GN Terry Pratchett']);
    expect(client.say(`OVERHEAD GN ${'x'.repeat(2000)}`).take()).toEqual([denied]);
  });

  it('lists the keys that it may read', () => {
    const node = nodeWith(kitchen);
    node.login().say('STORE Kitchen::a=1', 'STORE Cellar::b=1', 'STORE Kitchen=1');
    const client = node.login('cook').say('KEYLIST');
    expect(client.take()).toEqual(['KEYLISTSTART', 'KEY Kitchen::a', 'KEYLISTEND']);
  });

  it('may not clear the cache if it may write some names only', () => {
    const node = nodeWith({ read: true, write: ['a'], manage: true });
    node.login().say('STORE x=1');
    const client = node.login('some').say('CLEARCACHE', 'RETRIEVE x');
    expect(client.take()).toEqual([denied, 'RETRIEVED x=1']);
    const all = nodeWith({ read: true, write: false, manage: true });
    all.login().say('STORE x=1');
    expect(all.login('any').say('CLEARCACHE', 'RETRIEVE x').take()).toEqual(['NOTRETRIEVED x']);
  });

  it('watches what is about names that it may read, or about none', () => {
    const node = nodeWith({ read: ['Kitchen::**'], write: false, manage: true });
    const [monitor, client] = [node.login('watcher').say('MONITOR'), node.login()];
    monitor.take();
    client.say('SET Kitchen::a=1', 'SET Cellar::a=1', 'STROE Cellar::a=1', 'INCREMENT Cellar::b');
    client.say('LISTEN Kitchen::*', 'LISTEN **', 'PING', 'RETRIEVE Cellar::a', 'NOTIFY Cellar');
    expect(monitor.take().map((line) => line.replace(/^DEBUG [^=]*=/u, ''))).toEqual([
      'SET Kitchen::a=1',
      'LISTEN Kitchen::*',
      'PING',
    ]);
    client.say('STORE Kitchen::b=1', 'STORE Cellar::b=1', 'REMOVE Kitchen::b', 'REMOVE Cellar::b');
    monitor.say('NOPING').take();
    node.pass(3_700_000);
    const cleaned = monitor.take().filter((line) => line.includes('SERVERCACHE'));
    expect(cleaned).toEqual(['DEBUG SERVERCACHE=CLEANDELETED=Kitchen::b']);
  });

  it('that comes second drops what the first listened to and it may not', () => {
    const node = nodeWith(kitchen);
    const client = node.login().say('LISTEN Cellar', 'LISTEN **', 'LISTEN Kitchen::*');
    client.say(tokenLine('cook')).take();
    node.login().say('NOTIFY Cellar', 'NOTIFY Kitchen::a', 'NOTIFY Garden::a');
    expect(client.take()).toEqual(['NOTIFY Kitchen::a']);
    // Nothing is left behind either.
    client.say(tokenLine('admin'), 'LISTEN Cellar').take();
    node.login().say('NOTIFY Cellar');
    expect(client.take()).toEqual(['NOTIFY Cellar']);
  });

  it('may have none at all', () => {
    const node = nodeWith({ read: [], write: [], manage: false });
    const client = node.login('none').say('SET a=1', 'LISTEN **', 'KEYLIST', 'FLUSH 1');
    expect(client.take()).toEqual([denied, denied, 'KEYLISTSTART', 'KEYLISTEND', 'FLUSHED 1']);
  });

  it.each<[string, unknown]>([
    ['an empty pattern', { read: [''], write: false, manage: false }],
    ['a * within a level', { read: ['Kitchen*'], write: false, manage: false }],
    ['** before the end', { read: ['**::a'], write: false, manage: false }],
    ['a space', { read: ['a b'], write: false, manage: false }],
    ['too many levels', { read: ['a::'.repeat(40)], write: false, manage: false }],
    ['too many patterns', { read: Array.from({ length: 1001 }, String), write: false }],
    ['a link with names', { read: ['a'], write: true, manage: true, interclacks: true }],
    ['a pattern that is no list', { read: 'Kitchen::**', write: false, manage: false }],
    ['true', true],
    ['no rate', { read: true, write: true, manage: false, maxMessagesPerSecond: -1 }],
    ['an endless rate', { read: true, write: true, maxMessagesPerSecond: Infinity }],
  ])('is refused if an authenticator gives %s', (_, permissions) => {
    const node = nodeWith(permissions as Permissions);
    const client = node.connect().say(tokenLine('odd'), 'SET a=1');
    expect(client.take().at(-1)).toBe('OVERHEAD E login_unavailable');
    expect(client.closedBecause).toBe('login_unavailable');
    expect(node.failedLogins.map(({ error }) => error)).toEqual([expect.any(TypeError)]);
    expect(node.login().say('FLUSH 1').take()).toEqual(['FLUSHED 1']);
  });
});

describe('a user that may send so many lines a second', () => {
  const limited: Permissions = { ...admin, maxMessagesPerSecond: 10 };

  it('waits with what is more, and loses none', () => {
    const node = nodeWith(limited);
    const [listener, client] = [node.login().say('LISTEN n'), node.connect()];
    // The login and the two lines before it are free.
    client.say('CLACKS x', tokenLine('limited'));
    client.say(...Array.from({ length: 100 }, (_, number) => `SET n=${number}`));
    expect(listener.take()).toHaveLength(10);
    node.pass(1000);
    const second = listener.take().length;
    expect(second).toBeGreaterThanOrEqual(9);
    expect(second).toBeLessThanOrEqual(11);
    node.pass(9000);
    expect(listener.take().at(-1)).toBe('SET n=99');
  });

  it('shares that among its connections, each of which gets on', () => {
    const node = nodeWith(limited);
    const listener = node.login().say('LISTEN **');
    const clients = ['a', 'b', 'c'].map((name) => {
      const client = node.login('limited');
      client.say(...Array.from({ length: 100 }, () => `NOTIFY ${name}`));
      return client;
    });
    node.pass(10_000);
    const received = listener.take();
    expect(received.length).toBeGreaterThanOrEqual(105);
    expect(received.length).toBeLessThanOrEqual(111);
    for (const name of ['a', 'b', 'c']) {
      expect(received.filter((line) => line === `NOTIFY ${name}`).length).toBeGreaterThan(25);
    }
    clients[0]?.vanish();
    node.pass(20_000);
    expect(listener.take().filter((line) => line !== 'NOTIFY a').length).toBeGreaterThan(90);
  });

  it('does not hold up others, and comes anew with what is left', () => {
    const node = nodeWith(limited);
    const listener = node.login().say('LISTEN n');
    const client = node.login('limited').say(...Array.from({ length: 50 }, () => 'NOTIFY n'));
    listener.take();
    client.vanish();
    node.login('limited').say('NOTIFY n');
    expect(listener.take()).toEqual([]);
    node.login().say(...Array.from({ length: 50 }, () => 'NOTIFY n'));
    expect(listener.take()).toHaveLength(50);
  });

  it('is not taken for silent while it waits', () => {
    const node = new TestNode({
      authenticate: () => ({ ...admin, maxMessagesPerSecond: 1 }),
      pingTimeoutMs: 5000,
    });
    const client = node.login('x').say(...Array.from({ length: 20 }, () => 'NOP'), 'FLUSH 1');
    node.pass(15_000);
    expect(client.closedBecause).toBeUndefined();
    node.pass(8000);
    expect(client.take()).toContain('FLUSHED 1');
    node.pass(6000);
    expect(client.closedBecause).toBe('ping_timeout');
  });

  it('is one of those for whom the configuration says so', () => {
    const node = new TestNode({ maxMessagesPerSecond: 5 });
    const client = node.login().say(...Array.from({ length: 10 }, (_, n) => `FLUSH ${n}`));
    expect(client.take()).toHaveLength(5);
  });
});
