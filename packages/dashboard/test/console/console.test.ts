import type { ApiConsoleOutput } from 'clacks/admin-api';
import { describe, expect, it } from 'vitest';
import {
  holdsPassword,
  kindOf,
  linesMax,
  linesOf,
  shownLine,
} from '../../src/views/console/console-log.ts';
import { ConsoleSession } from '../../src/views/console/console-session.ts';
import { History } from '../../src/views/console/history.ts';

const makeStorage = () => {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => {
      items.set(key, value);
    },
  };
};

const output = (lines: readonly string[], rest: Partial<ApiConsoleOutput> = {}) =>
  Promise.resolve({ lines, leftOut: 0, isClosed: false, ...rest });

describe('lines of the console', () => {
  it('are cut at all kinds of line ends', () => {
    expect(linesOf('a\r\nb\nc\rd\n\n')).toEqual(['a', 'b', 'c', 'd']);
  });

  it('are errors if the node refuses something', () => {
    expect(kindOf('OVERHEAD E unknown_command X')).toBe('error');
    expect(kindOf('OVERHEAD F Login failed!')).toBe('error');
    expect(kindOf('OVERHEAD O Welcome!')).toBe('received');
    expect(kindOf('SET OVERHEAD=E')).toBe('received');
  });

  it('do not show passwords', () => {
    expect(shownLine('OVERHEAD A c2VjcmV0')).toBe('OVERHEAD A ••••••');
    expect(shownLine('overhead a c2VjcmV0')).toBe('overhead a ••••••');
    expect(shownLine('OVERHEAD M hello')).toBe('OVERHEAD M hello');
    expect(holdsPassword('SET a=OVERHEAD A x')).toBe(false);
  });
});

describe('History', () => {
  it('goes back and forth, and comes back to what was typed', () => {
    const history = new History(makeStorage(), 'ada');
    history.add(['one', 'two', 'two']);
    expect(history.go('forth', 'typed')).toBeUndefined();
    expect(history.go('back', 'typed')).toBe('two');
    expect(history.go('back', 'two')).toBe('one');
    expect(history.go('back', 'one')).toBeUndefined();
    expect(history.go('forth', 'one')).toBe('two');
    expect(history.go('forth', 'two')).toBe('typed');
  });

  it('is kept by user, without passwords and without what is very long', () => {
    const storage = makeStorage();
    new History(storage, 'ada').add(['one', 'OVERHEAD A c2VjcmV0', `SET a=${'x'.repeat(5000)}`]);
    expect(new History(storage, 'ada').go('back', '')).toBe('one');
    expect(new History(storage, 'ada').go('back', '')).toBe('one');
    expect(new History(storage, 'bob').go('back', '')).toBeUndefined();
    expect([...storage.items.values()].join()).not.toMatch(/c2VjcmV0|xxx/u);
  });

  it('begins anew if what is kept makes no sense', () => {
    const storage = makeStorage();
    for (const kept of ['{', '{}', '[1]']) {
      storage.setItem('clacks-console ada', kept);
      expect(new History(storage, 'ada').go('back', '')).toBeUndefined();
    }
  });
});

describe('ConsoleSession', () => {
  const textsOf = (session: ConsoleSession) => session.lines.value.map(({ text }) => text);

  it('sends many lines in several requests, and shows the newest lines only', async () => {
    const sizes: number[] = [];
    const session = new ConsoleSession({
      say: ({ lines }) => {
        sizes.push(lines.length);
        return output(lines);
      },
      take: () => output([]),
    });
    await session.say(Array.from({ length: 1200 }, (_, index) => `NOP ${index}`));
    expect(sizes).toEqual([500, 500, 200]);
    expect(session.lines.value.length).toBe(linesMax);
    expect(textsOf(session).at(-1)).toBe('NOP 1199');
    expect(new Set(session.lines.value.map(({ id }) => id)).size).toBe(linesMax);
  });

  it('asks for nothing as long as nothing can come', async () => {
    let asked = 0;
    const take = () => output([`signal ${++asked}`]);
    const session = new ConsoleSession({ say: () => output([], { isClosed: true }), take });
    await session.poll();
    await session.say(['QUIT']);
    await session.poll();
    expect(asked).toBe(0);
    expect(textsOf(session).at(-1)).toMatch(/^The connection is closed/u);
  });

  it('tells once that the node does not answer, and what it left out', async () => {
    let isAway = true;
    const session = new ConsoleSession({
      say: () => output([]),
      take: () =>
        isAway ? Promise.reject(new Error('Away.')) : output(['signal'], { leftOut: 12 }),
    });
    await session.say(['LISTEN a']);
    await session.poll();
    await session.poll();
    isAway = false;
    await session.poll();
    expect(textsOf(session)).toEqual([
      'LISTEN a',
      'Away.',
      'signal',
      '12 more lines came and are left out.',
    ]);
  });

  it('asks for what came once at a time', async () => {
    const answers: ((answer: ApiConsoleOutput) => void)[] = [];
    const session = new ConsoleSession({
      say: () => output([]),
      take: () => new Promise((resolve) => void answers.push(resolve)),
    });
    await session.say(['LISTEN a']);
    const first = session.poll();
    await session.poll();
    expect(answers).toHaveLength(1);
    answers[0]?.(await output(['signal']));
    await first;
    expect(textsOf(session)).toEqual(['LISTEN a', 'signal']);
    void session.poll();
    expect(answers).toHaveLength(2);
  });
});
