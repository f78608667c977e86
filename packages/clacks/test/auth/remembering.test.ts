import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { remembering } from '../../src/auth/remembering.ts';
import type { Authenticate, Permissions } from '../../src/broker/ports.ts';
import { connection, readOnly, signal } from './support.ts';

/** A check that is answered by the test. */
class Check {
  readonly asked: string[] = [];
  readonly #answers: ((permissions: Permissions | undefined) => void)[] = [];

  readonly givenUp: string[] = [];

  readonly authenticate: Authenticate = (username, password, _, signal) => {
    this.asked.push(`${username}/${password}`);
    signal.addEventListener('abort', () => this.givenUp.push(username));
    return new Promise<Permissions | undefined>((resolve) => {
      this.#answers.push(resolve);
    });
  };

  answer(permissions: Permissions | undefined): void {
    this.#answers.shift()?.(permissions);
  }
}

describe('remembering logins', () => {
  it('asks once for accepted credentials, then answers without a promise', async () => {
    const check = new Check();
    const authenticate = remembering(check.authenticate);
    const first = authenticate('a', 'b', connection, signal);
    check.answer(readOnly);
    expect(await first).toEqual(readOnly);
    expect(authenticate('a', 'b', connection, signal)).toEqual(readOnly);
    expect(check.asked).toEqual(['a/b']);
  });

  it('asks once for a thousand who come while the check is under way', async () => {
    const check = new Check();
    const authenticate = remembering(check.authenticate);
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    const answers = Array.from({ length: 1000 }, async () =>
      authenticate('a', 'b', connection, new AbortController().signal),
    );
    check.answer(readOnly);
    expect(new Set(await Promise.all(answers))).toEqual(new Set([readOnly]));
    expect(check.asked).toHaveLength(1);
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });

  it('leaves nothing behind on the signal of a connection that stays', async () => {
    const check = new Check();
    const authenticate = remembering(check.authenticate);
    const { signal: staying } = new AbortController();
    for (let login = 0; login < 20; login++) {
      const answer = authenticate('a', 'wrong', connection, staying);
      check.answer(undefined);
      await answer;
    }
    expect(getEventListeners(staying, 'abort')).toEqual([]);
  });

  it('asks again for refused credentials, and after a check that failed', async () => {
    const check = new Check();
    const authenticate = remembering(check.authenticate);
    const refused = authenticate('a', 'b', connection, signal);
    check.answer(undefined);
    expect(await refused).toBeUndefined();
    const accepted = authenticate('a', 'b', connection, signal);
    check.answer(readOnly);
    expect(await accepted).toEqual(readOnly);

    let attempts = 0;
    const failing = remembering(() => Promise.reject(new Error(`away ${++attempts}`)));
    await expect(failing('a', 'b', connection, signal)).rejects.toThrow('away 1');
    await expect(failing('a', 'b', connection, signal)).rejects.toThrow('away 2');
  });

  it('never takes one pair of name and password for another', async () => {
    const asked: string[] = [];
    const authenticate = remembering((username, password) => {
      asked.push(`${username}/${password}`);
      return readOnly;
    });
    await authenticate('ab', 'c', connection, signal);
    await authenticate('a', 'bc', connection, signal);
    await authenticate('', 'abc', connection, signal);
    await authenticate('1:a', 'bc', connection, signal);
    await authenticate('a', 'bc', { ...connection, certificateSubject: 'CN=x' }, signal);
    expect(asked).toHaveLength(5);
  });

  it('remembers a decision that came without a promise', () => {
    let asked = 0;
    const authenticate = remembering(() => {
      asked++;
      return readOnly;
    });
    expect(authenticate('a', 'b', connection, signal)).toEqual(readOnly);
    expect(authenticate('a', 'b', connection, signal)).toEqual(readOnly);
    expect(asked).toBe(1);
  });

  it('forgets those that were not used for longest when there are too many', async () => {
    const asked: string[] = [];
    const authenticate = remembering((username) => {
      asked.push(username);
      return readOnly;
    }, 2);
    for (const username of ['a', 'b', 'a', 'c', 'a', 'b']) {
      await authenticate(username, '', connection, signal);
    }
    expect(asked).toEqual(['a', 'b', 'c', 'b']);
  });

  it('gives a check up when the last one that waits for it is gone, and asks again', async () => {
    const check = new Check();
    const authenticate = remembering(check.authenticate);
    const [one, other] = [new AbortController(), new AbortController()];
    void authenticate('a', 'b', connection, one.signal);
    void authenticate('a', 'b', connection, other.signal);
    one.abort();
    expect(check.givenUp).toEqual([]);
    other.abort();
    expect(check.givenUp).toEqual(['a']);
    const again = authenticate('a', 'b', connection, signal);
    check.answer(readOnly);
    check.answer(readOnly);
    expect(await again).toBe(readOnly);
    expect(check.asked).toEqual(['a/b', 'a/b']);
  });
});
