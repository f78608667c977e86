import { describe, expect, it } from 'vitest';
import { AuthBusyError } from '../../src/auth/auth-error.ts';
import { WorkQueue } from '../../src/auth/work-queue.ts';

/** Lets everything happen that waits for no timer or I/O. */
const settle = (): Promise<void> => new Promise(setImmediate);

/** Jobs that end when they are told to. */
class Jobs {
  readonly started: string[] = [];
  readonly #ends = new Map<string, () => void>();

  job(name: string): () => Promise<string> {
    return () => {
      this.started.push(name);
      return new Promise((resolve) => {
        this.#ends.set(name, () => {
          resolve(name);
        });
      });
    };
  }

  end(name: string): Promise<void> {
    this.#ends.get(name)?.();
    return settle();
  }
}

describe('a work queue', () => {
  it('runs so many jobs at a time, in their order', async () => {
    const queue = new WorkQueue(2, 10);
    const jobs = new Jobs();
    const results = Promise.all(['a', 'b', 'c', 'd'].map((name) => queue.run(jobs.job(name))));
    await settle();
    expect(jobs.started).toEqual(['a', 'b']);
    await jobs.end('b');
    expect(jobs.started).toEqual(['a', 'b', 'c']);
    await jobs.end('a');
    await jobs.end('c');
    await jobs.end('d');
    expect(await results).toEqual(['a', 'b', 'c', 'd']);
  });

  it('goes on after a job that fails', async () => {
    const queue = new WorkQueue(1, 10);
    const failing = queue.run(() => Promise.reject(new Error('no')));
    const next = queue.run(() => Promise.resolve('next'));
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('next');
    expect(await queue.run(() => Promise.resolve('again'))).toBe('again');
  });

  it('refuses a job when too many wait, and takes others later', async () => {
    const queue = new WorkQueue(1, 1);
    const jobs = new Jobs();
    const [first, second] = [queue.run(jobs.job('a')), queue.run(jobs.job('b'))];
    const refused = queue.run(jobs.job('c'));
    await expect(refused).rejects.toThrow(AuthBusyError);
    await expect(refused).rejects.toMatchObject({ code: 'CLACKS_ERR_AUTH_BUSY' });
    await jobs.end('a');
    const third = queue.run(jobs.job('d'));
    await jobs.end('b');
    await jobs.end('d');
    expect(await Promise.all([first, second, third])).toEqual(['a', 'b', 'd']);
    expect(jobs.started).toEqual(['a', 'b', 'd']);
  });
});
