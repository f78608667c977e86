import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/auth/failing-address.ts';
import { slowingDown } from '../../src/auth/slow-down.ts';
import type { SlowDownOptions } from '../../src/auth/slow-down.ts';
import type { Authenticate, Permissions } from '../../src/broker/ports.ts';
import { connection, readOnly } from './support.ts';

/** Lets everything happen that waits for no timer or I/O. */
const settle = (): Promise<void> => new Promise(setImmediate);

/** A clock that stands still until it is told. */
class TestClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Set<{ atMs: number; ring: () => void }>();

  nowMs(): number {
    return this.#nowMs;
  }

  get waiting(): number {
    return this.#timers.size;
  }

  wait(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = { atMs: this.#nowMs + delayMs, ring: resolve };
      this.#timers.add(timer);
      signal.addEventListener('abort', () => {
        this.#timers.delete(timer);
        reject(new Error('aborted'));
      });
    });
  }

  /** Passes time in small steps, so that what follows a timer has its time too. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    while (this.#nowMs < endMs) {
      this.#nowMs = Math.min(endMs, this.#nowMs + 50);
      for (const timer of this.#timers) {
        if (timer.atMs > this.#nowMs) continue;
        this.#timers.delete(timer);
        timer.ring();
      }
      await settle();
    }
  }
}

/** Logins against a check, and what came of them in the order it came. */
class Logins {
  readonly clock = new TestClock();
  readonly slowed: string[] = [];
  readonly answers: string[] = [];
  readonly asked: string[] = [];
  readonly #authenticate: Authenticate;

  constructor(check: Authenticate, options: Partial<SlowDownOptions> = {}) {
    const counted: Authenticate = (username, ...rest) => {
      this.asked.push(username);
      return check(username, ...rest);
    };
    this.#authenticate = slowingDown(counted, {
      pauseMaxMs: 4000,
      passesKnown: true,
      slowedDown: (address) => this.slowed.push(address),
      clock: this.clock,
      ...options,
    });
  }

  /** Tries to log in; `answers` has what came of it. Returns what tells that it went away. */
  try(name: string, password = 'wrong', host = '192.0.2.1'): AbortController {
    const abort = new AbortController();
    void this.#try(name, password, host, abort.signal);
    return abort;
  }

  /** Fails so often at once. */
  fail(times: number, host?: string): void {
    for (let time = 0; time < times; time++) this.try('x', `wrong ${time}`, host);
    expect(this.answers.splice(0)).toEqual(Array.from({ length: times }, () => 'x refused'));
    this.asked.length = 0;
  }

  async #try(name: string, password: string, host: string, signal: AbortSignal): Promise<void> {
    try {
      const decision = this.#authenticate(name, password, { ...connection, host }, signal);
      const told = (permissions: Permissions | undefined) =>
        this.answers.push(`${name} ${permissions === undefined ? 'refused' : 'accepted'}`);
      // What needs no promise is answered in the same turn.
      if (decision instanceof Promise) told(await decision);
      else told(decision);
    } catch (error) {
      this.answers.push(`${name} failed: ${(error as Error).message}`);
    }
    expect(getEventListeners(signal, 'abort').length).toBe(0);
  }
}

const rightIs =
  (right: string): Authenticate =>
  (_username, password) =>
    password === right ? readOnly : undefined;

describe('logins that fail', () => {
  it('cost nothing at first, then wait for each other and for a pause that grows', async () => {
    const logins = new Logins(rightIs('right'));
    logins.fail(10);
    expect(logins.slowed).toEqual(['192.0.2.1']);
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) logins.try(name);
    const seen: number[] = [];
    for (let seconds = 0; seconds < 16; seconds++) {
      await logins.clock.pass(1000);
      seen.push(logins.answers.length);
    }
    // About 0.25 s, 0.5, 1, 2, then 4 each.
    expect(seen).toEqual([2, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7]);
    expect(logins.answers[0]).toBe('a refused');
    expect(logins.slowed).toHaveLength(1);
  });

  it('are no faster in parallel: the right password among them has to wait its turn too', async () => {
    const logins = new Logins(rightIs('guess 30'));
    logins.fail(10);
    for (let guess = 0; guess < 1000; guess++) logins.try('x', `guess ${guess}`);
    await logins.clock.pass(60_000);
    expect(logins.asked.length).toBeGreaterThan(10);
    expect(logins.asked.length).toBeLessThan(20);
    expect(logins.answers.length).toBe(logins.asked.length);
    expect(logins.answers).not.toContain('x accepted');
  });

  it('are forgiven with time', async () => {
    const logins = new Logins(rightIs('right'));
    logins.fail(10);
    await logins.clock.pass(30_000);
    logins.fail(1);
    await logins.clock.pass(600_000);
    logins.fail(10);
  });

  it('of one address slow down no other one', () => {
    const logins = new Logins(rightIs('right'));
    logins.fail(10);
    logins.try('other', 'right', '192.0.2.2');
    logins.try('other', 'wrong', '192.0.2.2');
    expect(logins.answers).toEqual(['other accepted', 'other refused']);
  });

  it('slow down the whole /64 of an IPv6 address, and a /48 after more of them', () => {
    const logins = new Logins(rightIs('right'));
    logins.fail(10, '2001:db8:0:1::1');
    logins.try('neighbour', 'wrong', '2001:db8:0:1::2');
    expect(logins.answers).toEqual([]);
    for (let network = 2; network < 10; network++) logins.fail(10, `2001:db8:0:${network}::1`);
    logins.fail(9, '2001:db8:0:10::1');
    for (const last of ['11::1', '12::1']) logins.try('last', 'wrong', `2001:db8:0:${last}`);
    expect(logins.answers.splice(0)).toEqual(['last refused', 'last refused']);
    logins.try('new network', 'wrong', '2001:db8:0:ffff::1');
    logins.try('new site', 'wrong', '2001:db8:1::1');
    expect(logins.answers).toEqual(['new site refused']);
    expect(logins.slowed).toContain('2001:db8:0::/48');
  });

  it('are remembered of a bounded number of addresses, those with most failures the longest', () => {
    const logins = new Logins(rightIs('right'), { addressesMax: 20 });
    logins.fail(10, '192.0.2.1');
    logins.fail(3, '192.0.2.2');
    for (let address = 0; address < 1000; address++) logins.fail(1, `198.51.100.${address}`);
    // Had it been forgotten, it would be answered at once.
    logins.try('attacker', 'wrong', '192.0.2.1');
    expect(logins.answers).toEqual([]);
  });

  it('beyond those that may wait are refused without saying anything about the password', () => {
    const logins = new Logins(rightIs('right'));
    logins.fail(10);
    for (let attempt = 0; attempt < 5000; attempt++) logins.try('x');
    return settle().then(() => {
      expect(logins.answers).toHaveLength(5000 - 4096 - 1);
      expect(new Set(logins.answers)).toEqual(
        new Set(['x failed: the login cannot be checked: 4096 others wait for it already']),
      );
    });
  });
});

describe('known credentials', () => {
  it('pass without waiting, from whatever address', () => {
    const logins = new Logins(rightIs('right'));
    logins.try('known', 'right', '192.0.2.9');
    logins.answers.length = 0;
    logins.fail(10);
    logins.try('known', 'right');
    logins.try('known', 'right');
    expect(logins.answers).toEqual(['known accepted', 'known accepted']);
    logins.try('other', 'right');
    expect(logins.answers).toHaveLength(2);
  });

  it('let all in that wait with the same ones', async () => {
    const logins = new Logins(rightIs('right'));
    logins.fail(10);
    for (let client = 0; client < 1000; client++) logins.try('fleet', 'right');
    await logins.clock.pass(250);
    expect(logins.answers).toEqual(Array.from({ length: 1000 }, () => 'fleet accepted'));
    expect(logins.clock.waiting).toBe(0);
  });

  it('count as a failure, and are forgotten, once they are refused', async () => {
    let right = 'right';
    const logins = new Logins((_, password) => (password === right ? readOnly : undefined));
    logins.try('known', 'right');
    logins.answers.length = 0;
    logins.fail(10);
    right = 'another';
    logins.try('known', 'right');
    expect(logins.answers).toEqual(['known refused']);
    logins.try('known', 'right');
    await settle();
    expect(logins.answers).toHaveLength(1);
  });

  it('are nobody’s if the answer may change: then all wait', () => {
    const logins = new Logins(rightIs('right'), { passesKnown: false });
    logins.try('known', 'right');
    expect(logins.answers.splice(0)).toEqual(['known accepted']);
    logins.fail(10);
    logins.try('known', 'right');
    expect(logins.answers).toEqual([]);
  });

  it('have every other turn if the answer may change, however many guess', async () => {
    const logins = new Logins(rightIs('right'), { passesKnown: false });
    logins.try('known', 'right');
    logins.answers.length = 0;
    logins.fail(10);
    for (let guess = 0; guess < 100; guess++) logins.try('x', `guess ${guess}`);
    logins.try('known', 'right');
    await logins.clock.pass(2000);
    expect(logins.answers).toContain('known accepted');
  });
});

describe('a check that takes its time', () => {
  it('runs for many of one address at once, and the slow-down begins when they have failed', async () => {
    const answer: (() => void)[] = [];
    const logins = new Logins(
      () =>
        new Promise((resolve) => {
          answer.push(() => {
            resolve(undefined);
          });
        }),
    );
    for (let attempt = 0; attempt < 300; attempt++) logins.try('x', String(attempt));
    expect(logins.asked).toHaveLength(256);
    for (const refuse of answer.splice(0)) refuse();
    await settle();
    expect(logins.answers).toHaveLength(256);
    expect(logins.asked).toHaveLength(256);
    await logins.clock.pass(4000);
    expect(logins.asked).toHaveLength(257);
  });

  it('and never answers holds up nobody beyond the time that its client waits', async () => {
    const logins = new Logins((name) =>
      name === 'hangs' ? new Promise<undefined>(() => undefined) : undefined,
    );
    logins.fail(10);
    const hanging = logins.try('hangs');
    logins.try('next');
    await logins.clock.pass(4000);
    expect(logins.asked).toEqual(['hangs']);
    hanging.abort(new Error('gone'));
    await logins.clock.pass(4000);
    expect(logins.answers).toEqual(['hangs failed: gone', 'next refused']);
  });

  it('and that failed or was thrown counts as no failure', async () => {
    const logins = new Logins((name) => {
      if (name === 'throws') throw new Error('away');
      return name === 'rejects' ? Promise.reject(new Error('away')) : undefined;
    });
    for (let attempt = 0; attempt < 200; attempt++) {
      logins.try(attempt % 2 === 0 ? 'throws' : 'rejects');
    }
    await settle();
    expect(logins.answers).toHaveLength(200);
    logins.answers.length = 0;
    logins.fail(10);
  });

  it('is not begun for who is gone, whose place is free at once', async () => {
    const logins = new Logins(rightIs('right'));
    logins.fail(10);
    const gone = ['a', 'b', 'c'].map((name) => logins.try(name));
    logins.try('d');
    for (const abort of gone) abort.abort(new Error('gone'));
    await settle();
    expect(logins.answers).toHaveLength(3);
    await logins.clock.pass(4000);
    expect(logins.asked).toEqual(['d']);
    expect(logins.answers.at(-1)).toBe('d refused');
    expect(logins.clock.waiting).toBe(0);
  });
});
