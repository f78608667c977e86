import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TestLog } from '../../../../test/support/log.ts';
import type { ConnectionPort } from '../../src/broker/ports.ts';
import { LoginLog } from '../../src/server/login-log.ts';

const minuteMs = 60_000;
let log: TestLog;
let loginLog: LoginLog;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  log = new TestLog();
  loginLog = new LoginLog(log.logger);
});

afterEach(() => {
  vi.useRealTimers();
});

const fail = (host: string, times = 1): void => {
  const facts = { transport: 'tls', host, port: '1:1' } as const;
  for (let time = 0; time < times; time++) {
    loginLog.failed({ cid: `${host}:1:1`, facts } as ConnectionPort, 'admin', undefined);
  }
};

const told = (): unknown[] =>
  log.entries.splice(0).map(({ msg, host, leftOut }) => [msg, host, leftOut].join(' ').trim());

describe('the log of failed logins', () => {
  it('has ten lines of an address a minute, and then how many more there were', () => {
    fail('a', 10);
    fail('b', 2);
    expect(told()).toHaveLength(12);
    fail('a', 1_000_000);
    fail('b');
    expect(told()).toEqual(['login failed']);
    vi.advanceTimersByTime(minuteMs);
    expect(told()).toEqual(['more logins failed a 1000000']);
    fail('a');
    expect(told()).toEqual(['login failed']);
    vi.advanceTimersByTime(minuteMs);
    expect(told()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has a thousand lines a minute of all addresses', () => {
    for (let address = 0; address < 20_000; address++) fail(String(address));
    expect(told()).toHaveLength(1000);
    vi.advanceTimersByTime(minuteMs);
    expect(told()).toEqual(['more logins failed  19000']);
  });
});
