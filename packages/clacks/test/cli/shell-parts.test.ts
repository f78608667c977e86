import { describe, expect, it } from 'vitest';
import { complete, shellHelp } from '../../src/cli/shell-completion.ts';
import { ShellFilter } from '../../src/cli/shell-filter.ts';

const names = () => Promise.resolve(['Kitchen::Light', 'Kitchen::Target', 'House']);
const unasked = () => Promise.reject(new Error('asked for names'));

describe('completion in the shell', () => {
  it('completes verbs, also in small letters, and the words of the shell', async () => {
    expect(await complete('CLIENT', unasked)).toEqual([
      ['CLIENTLIST ', 'CLIENTDISCONNECT '],
      'CLIENT',
    ]);
    expect(await complete('he', unasked)).toEqual([['help'], 'he']);
    expect(await complete('retr', unasked)).toEqual([['RETRIEVE '], 'retr']);
  });

  it('completes names of the cache after a verb that takes one', async () => {
    expect(await complete('RETRIEVE Kit', names)).toEqual([
      ['Kitchen::Light', 'Kitchen::Target'],
      'Kit',
    ]);
  });

  it('leaves values and other texts alone', async () => {
    for (const line of ['SET a=b', 'STORE a b', 'FLUSH Kit', 'PING x']) {
      expect(await complete(line, unasked)).toEqual([[], line]);
    }
  });
});

describe('what the shell shows', () => {
  it('is not what it asks by itself', () => {
    const filter = new ShellFilter();
    filter.asksForKeys();
    filter.sentByUser('KEYLIST');
    const lines = ['KEYLISTSTART', 'KEY a', 'SET x=1', 'KEYLISTEND'];
    expect(lines.filter((line) => filter.isShown(line))).toEqual(['SET x=1']);
    expect(lines.filter((line) => filter.isShown(line))).toEqual(lines);
  });

  it('is the fence that the user sent, as often as sent', () => {
    const filter = new ShellFilter();
    filter.sentByUser('FLUSH a');
    filter.sentByUser('FLUSH a');
    const lines = ['FLUSHED a', 'FLUSHED b', 'FLUSHED a', 'FLUSHED a'];
    expect(lines.map((line) => filter.isShown(line))).toEqual([true, false, true, false]);
  });

  it('helps with every verb and the permission that it needs', () => {
    expect(shellHelp()).toContain('CLEARCACHE        empty the cache (needs manage)\n');
  });
});
