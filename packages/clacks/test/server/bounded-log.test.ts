import { afterEach, describe, expect, it, vi } from 'vitest';
import { TestLog } from '../../../../test/support/log.ts';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { TestServer } from '../../../../test/support/test-server.ts';
import { BoundedLog } from '../../src/server/bounded-log.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('the log of what strangers can make happen', () => {
  it('has a hundred lines of a kind a minute, and then how many more there were', () => {
    vi.useFakeTimers();
    const log = new TestLog();
    const bounded = new BoundedLog(log.logger);
    for (let number = 0; number < 150; number++) bounded.tell('warn', { number }, 'refused');
    bounded.tell('info', {}, 'failed');
    expect(log.entries).toHaveLength(101);
    vi.advanceTimersByTime(60_000);
    expect(log.entries.slice(101)).toMatchObject([{ leftOut: 50, msg: 'more of: refused' }]);
    bounded.tell('warn', {}, 'refused');
    expect(log.entries).toHaveLength(103);
    bounded.flush();
    expect(log.entries).toHaveLength(103);
  });

  it('has the beginning of what a client reports', async () => {
    const log = new TestLog();
    await using server = await TestServer.start({ logger: log.logger });
    const client = await RawClient.login(server);
    client.send(`OVERHEAD E ${'x'.repeat(1000)}`);
    const { text } = (await log.next(/^client reports an error$/u)) as unknown as { text: string };
    expect(text).toBe('x'.repeat(256));
  });
});
