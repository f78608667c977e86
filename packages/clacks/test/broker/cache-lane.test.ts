import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seedOf } from '../../src/broker/name-table.ts';
import { namesInOnePlace, TestNode } from './support.ts';
import type { TestConnection } from './support.ts';

const names = ['a', 'ab', 'K::1', '=x', 'a=', 'n'.repeat(499), 'n'.repeat(501), '\xe4\xff'];
const values = [
  '',
  '1',
  '-7',
  '2.5',
  'a=b',
  'text',
  'v'.repeat(499),
  'v'.repeat(600),
  '9'.repeat(16),
];

const name = fc.constantFrom(...names);
const value = fc.constantFrom(...values);
const known = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(name, value).map(([each, v]) => `STORE ${each}=${v}`) },
  { weight: 6, arbitrary: name.map((each) => `RETRIEVE ${each}`) },
  { weight: 6, arbitrary: name.map((each) => `INCREMENT ${each}`) },
  fc.tuple(name, value).map(([each, step]) => `INCREMENT ${each}=${step}`),
  fc.tuple(name, value).map(([each, step]) => `DECREMENT ${each}=${step}`),
  fc.tuple(name, value).map(([each, v]) => `SETANDSTORE ${each}=${v}`),
  name.map((each) => `REMOVE ${each}`),
  fc.constantFrom(
    ...['STORE', 'STORE ', 'STORE a', 'STORE  a=1', 'RETRIEVE', 'RETRIEVE ', 'RETRIEVE  a'],
    ...[
      'INCREMENT',
      'INCREMENT ',
      'STORED a=1',
      'store a=1',
      'R',
      'S',
      'I',
      'CLEARCACHE',
      'KEYLIST',
    ],
    ...[
      'LISTEN a',
      'SET a=3',
      'FLUSH x',
      'NOP',
      'STORE =',
      'STORE ==',
      'STORE ===1',
      'RE\rTRIEVE a',
    ],
  ),
);
/** A line as it is sent: nearly always as it should be. */
const sent = fc
  .tuple(
    known,
    fc.oneof({ weight: 9, arbitrary: fc.constant('\r\n') }, fc.constantFrom('\n', '\r\r\n')),
  )
  .map(([line, end]) => line + end);

interface Case {
  readonly lines: readonly string[];
  /** After how many bytes of them the next chunk begins, again and again. */
  readonly chunk: number;
  readonly user: string;
  readonly maxCacheEntries: number;
}

const cases: fc.Arbitrary<Case> = fc.record({
  lines: fc.array(sent, { maxLength: 60, size: 'max' }),
  chunk: fc.constantFrom(7, 100, 1000, 100_000),
  user: fc.constantFrom('admin', 'admin', 'rw', 'ro', 'wo', 'none'),
  maxCacheEntries: fc.constantFrom(0, 0, 3),
});

/** Sends enough lines that can be handled as bytes for many of them to be taken together. */
const openLane = (client: TestConnection): TestConnection => {
  const lines = ['RETRIEVE warm', 'STORE warm=1'].flatMap((line) => Array<string>(64).fill(line));
  client.say('STORE warm=0', ...lines).take();
  return client;
};

/** What comes of it: all answers, and what is in the cache then. */
const outcome = (each: Case, isGivenAsBytes: boolean) => {
  const { lines, chunk, user, maxCacheEntries } = each;
  const node = new TestNode({ maxCacheEntries });
  const listener = node.login();
  listener.say('LISTEN a', ...names.slice(0, 3).map((stored) => `STORE ${stored}=1`)).take();
  const client = node.login(user);
  client.lines.isGivenAsBytes = isGivenAsBytes;
  openLane(client);
  const text = lines.join('');
  for (let start = 0; start < text.length; start += chunk) {
    node.pass(300);
    client.sayRaw(text.slice(start, start + chunk));
  }
  const { cache, refusals } = node.broker;
  const entries = [...cache.entries()].sort((left, right) => (left.name < right.name ? -1 : 1));
  const { bytes, evicted } = cache;
  const answers = client.take();
  const taken = { heard: listener.take(), entries, bytes, evicted, refusals };
  const linesSent = [...node.broker.sessions.values()].map((session) => session.linesSent);
  const counts = { byVerb: node.broker.traffic.byVerb, linesSent, received: client.lines.taken };
  return structuredClone({ answers, ...taken, counts });
};

describe('lines about the cache', () => {
  it('mean the same whether they are handled as bytes or one by one as strings', () => {
    fc.assert(
      fc.property(cases, (each) => {
        expect(outcome(each, true)).toEqual(outcome(each, false));
      }),
      { numRuns: 1000 },
    );
  });

  it('are counted by verb, with their bytes, and so are the answers', () => {
    const node = new TestNode();
    const client = node.login().say('STORE a=1');
    const countsOf = (verb: string) => {
      const counts = node.broker.traffic.byVerb.find((each) => each.verb === verb);
      return [counts?.linesReceived, counts?.bytesReceived];
    };
    const before = node.broker.sessions.get(client.cid)?.linesSent ?? NaN;
    client.say('STORE a=23', 'RETRIEVE a', 'RETRIEVE a', 'INCREMENT a', 'RETRIEVE other');
    expect(countsOf('STORE')).toEqual([2, 11 + 12]);
    expect(countsOf('RETRIEVE')).toEqual([3, 12 + 12 + 16]);
    expect(countsOf('INCREMENT')).toEqual([1, 13]);
    expect(node.broker.sessions.get(client.cid)?.linesSent).toBe(before + 3);
  });

  it('are shown to who watches', () => {
    const node = new TestNode();
    const client = openLane(node.login().say('STORE a=1'));
    const watcher = node.login().say('MONITOR');
    watcher.take();
    client.say('STORE a=2', 'RETRIEVE a', 'INCREMENT a');
    expect(watcher.take()).toEqual(
      ['STORE a=2', 'RETRIEVE a', 'INCREMENT a'].map((line) => `DEBUG ${client.cid}=${line}`),
    );
  });

  it('are answered in order, however long the answers are', () => {
    const node = new TestNode();
    const client = node.login();
    const count = 5000;
    client.say(...names.slice(0, 3).map((each) => `STORE ${each}=${'v'.repeat(300)}`));
    client.say(
      ...Array.from({ length: count }, (_, index) => `RETRIEVE ${names[index % 3]}`),
      'RETRIEVE gone',
      'RETRIEVE a',
    );
    const answers = client.take();
    expect(answers).toHaveLength(count + 2);
    for (const [index, answer] of answers.slice(0, count).entries()) {
      expect(answer).toBe(`RETRIEVED ${names[index % 3]}=${'v'.repeat(300)}`);
    }
    expect(answers.slice(count)).toEqual(['NOTRETRIEVED gone', `RETRIEVED a=${'v'.repeat(300)}`]);
  });

  it('are about the name they say, whatever its hash', () => {
    const node = new TestNode();
    const [one = '', other = ''] = namesInOnePlace(100, seedOf(node.broker.options.nodeId)).filter(
      (each) => !/[\r\n=]/u.test(each),
    );
    const client = openLane(node.login().say(`STORE ${one}=1`));
    client.say(`RETRIEVE ${other}`, `STORE ${other}=2`, `INCREMENT ${other}`, `RETRIEVE ${one}`);
    client.say(`RETRIEVE ${other}`);
    expect(client.take()).toEqual([
      `NOTRETRIEVED ${other}`,
      `RETRIEVED ${one}=1`,
      `RETRIEVED ${other}=3`,
    ]);
  });

  it('do not change an entry that has made room for another one meanwhile', () => {
    const node = new TestNode({ maxCacheBytes: 1000 });
    const client = openLane(node.login().say('STORE a=1', 'STORE b=1', 'STORE c=1'));
    // The second line pushes out the first name, and the fourth one needs it anew.
    client.say('RETRIEVE c', `STORE b=${'v'.repeat(450)}`, 'RETRIEVE c', 'STORE a=2', 'RETRIEVE a');
    expect(client.take().slice(-1)).toEqual(['RETRIEVED a=2']);
    expect(node.broker.cache.entry('a')?.value).toBe('2');
    expect(node.broker.cache.evicted).toBeGreaterThan(0);
  });
});
