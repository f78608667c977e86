import { describe, expect, it } from 'vitest';
import { remembering } from '../../src/auth/remembering.ts';
import type { Permissions } from '../../src/broker/ports.ts';
import { connection, readOnly } from './support.ts';

/** A check that is answered by the test. */
class Check {
  readonly asked: string[] = [];
  readonly #answers: ((permissions: Permissions | undefined) => void)[] = [];

  readonly authenticate = (username: string, password: string) => {
    this.asked.push(`${username}/${password}`);
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
    const first = authenticate('a', 'b', connection);
    check.answer(readOnly);
    expect(await first).toEqual(readOnly);
    expect(authenticate('a', 'b', connection)).toEqual(readOnly);
    expect(check.asked).toEqual(['a/b']);
  });

  it('asks once for a thousand who come while the check is under way', async () => {
    const check = new Check();
    const authenticate = remembering(check.authenticate);
    const answers = Array.from({ length: 1000 }, async () => authenticate('a', 'b', connection));
    check.answer(readOnly);
    expect(new Set(await Promise.all(answers))).toEqual(new Set([readOnly]));
    expect(check.asked).toHaveLength(1);
  });

  it('asks again for refused credentials, and after a check that failed', async () => {
    const check = new Check();
    const authenticate = remembering(check.authenticate);
    const refused = authenticate('a', 'b', connection);
    check.answer(undefined);
    expect(await refused).toBeUndefined();
    const accepted = authenticate('a', 'b', connection);
    check.answer(readOnly);
    expect(await accepted).toEqual(readOnly);

    let attempts = 0;
    const failing = remembering(() => Promise.reject(new Error(`away ${++attempts}`)));
    await expect(failing('a', 'b', connection)).rejects.toThrow('away 1');
    await expect(failing('a', 'b', connection)).rejects.toThrow('away 2');
  });

  it('never takes one pair of name and password for another', async () => {
    const asked: string[] = [];
    const authenticate = remembering((username, password) => {
      asked.push(`${username}/${password}`);
      return readOnly;
    });
    await authenticate('ab', 'c', connection);
    await authenticate('a', 'bc', connection);
    await authenticate('', 'abc', connection);
    await authenticate('1:a', 'bc', connection);
    expect(asked).toHaveLength(4);
  });

  it('remembers a decision that came without a promise', () => {
    let asked = 0;
    const authenticate = remembering(() => {
      asked++;
      return readOnly;
    });
    expect(authenticate('a', 'b', connection)).toEqual(readOnly);
    expect(authenticate('a', 'b', connection)).toEqual(readOnly);
    expect(asked).toBe(1);
  });

  it('forgets those that were not used for longest when there are too many', async () => {
    const asked: string[] = [];
    const authenticate = remembering((username) => {
      asked.push(username);
      return readOnly;
    }, 2);
    for (const username of ['a', 'b', 'a', 'c', 'a', 'b']) {
      await authenticate(username, '', connection);
    }
    expect(asked).toEqual(['a', 'b', 'c', 'b']);
  });
});
