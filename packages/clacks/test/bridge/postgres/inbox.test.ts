import { describe, expect, it } from 'vitest';
import { Inbox } from '../../../src/bridge/postgres/inbox.ts';

describe('an inbox', () => {
  it('hands out in order, and waits for what is to come', async () => {
    const inbox = new Inbox(1_000_000);
    const first = inbox.take();
    inbox.addPayload('a');
    inbox.addOutbox({ ids: ['1'] });
    inbox.addPayload('b');
    inbox.close();
    expect(await first).toEqual({ kind: 'payload', payload: 'a' });
    expect(await inbox.take()).toEqual({ kind: 'outbox', upTo: { ids: ['1'] } });
    expect(await inbox.take()).toEqual({ kind: 'payload', payload: 'b' });
    expect(await inbox.take()).toBeUndefined();
  });

  it('joins rows of the outbox that follow each other, as long as it is not simply all', async () => {
    const inbox = new Inbox(1_000_000);
    inbox.addOutbox({ ids: ['1'] });
    inbox.addOutbox({ ids: ['2'] });
    inbox.addPayload('a');
    inbox.addOutbox({ all: true });
    inbox.addOutbox({ ids: ['3'] });
    inbox.close();
    expect(await inbox.take()).toEqual({ kind: 'outbox', upTo: { ids: ['1', '2'] } });
    await inbox.take();
    expect(await inbox.take()).toEqual({ kind: 'outbox', upTo: { all: true } });
    expect(await inbox.take()).toBeUndefined();
  });

  it('has a gap in the place of what is too much, once, and room again when some is taken', async () => {
    const inbox = new Inbox(2 * (100 + 64));
    const payload = 'x'.repeat(100);
    expect([1, 2, 3, 4].map(() => inbox.addPayload(payload))).toEqual([true, true, false, false]);
    await inbox.take();
    expect(inbox.addPayload(payload)).toBe(true);
    inbox.close();
    const kinds: (string | undefined)[] = [];
    for (let i = 0; i < 4; i++) kinds.push((await inbox.take())?.kind);
    expect(kinds).toEqual(['payload', 'gap', 'payload', undefined]);
  });

  it('loses nothing however long it is never empty', async () => {
    const inbox = new Inbox(1_000_000);
    const taken: string[] = [];
    for (let n = 0; n < 10_000; n++) {
      inbox.addPayload(String(n));
      if (n < 10) continue;
      const item = await inbox.take();
      if (item?.kind === 'payload') taken.push(item.payload);
    }
    expect(taken).toEqual(Array.from({ length: 9990 }, (_, n) => String(n)));
  });

  it('forgets the outbox alone when that is the matter of another bridge', async () => {
    const inbox = new Inbox(1_000_000);
    inbox.addPayload('a');
    inbox.addOutbox({ all: true });
    inbox.addPayload('b');
    inbox.forgetOutbox();
    inbox.close();
    expect(await inbox.take()).toEqual({ kind: 'payload', payload: 'a' });
    expect(await inbox.take()).toEqual({ kind: 'payload', payload: 'b' });
    expect(await inbox.take()).toBeUndefined();
  });

  it('names no more rows than it may, and keeps a position beside them', async () => {
    const inbox = new Inbox(1_000_000);
    inbox.addOutbox({ ids: [], position: '7' });
    inbox.addOutbox({ ids: ['1'] });
    expect(await inbox.take()).toEqual({
      kind: 'outbox',
      upTo: { ids: ['1'], position: '7' },
    });
    for (let id = 0; id < 1001; id++) inbox.addOutbox({ ids: [String(id)] });
    expect(await inbox.take()).toEqual({ kind: 'outbox', upTo: { all: true } });
  });

  it('does not grow with rows and messages in turns when it is full', async () => {
    const inbox = new Inbox(10);
    for (let id = 0; id < 100; id++) {
      inbox.addPayload('too much');
      inbox.addOutbox({ ids: [String(id)] });
    }
    inbox.close();
    let items = 0;
    while ((await inbox.take()) !== undefined) items++;
    expect(items).toBeLessThan(5);
  });
});
