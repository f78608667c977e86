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

const newQueue = (running: number, waiting = 10, waitingOfParty = waiting): WorkQueue =>
  new WorkQueue({ running, waiting, waitingOfParty });

const never = new AbortController().signal;

const run = <T>(queue: WorkQueue, job: () => Promise<T>, party = 'one'): Promise<T> =>
  queue.run(job, party, never);

describe('a work queue', () => {
  it('runs so many jobs at a time, in their order', async () => {
    const queue = newQueue(2);
    const jobs = new Jobs();
    const results = Promise.all(['a', 'b', 'c', 'd'].map((name) => run(queue, jobs.job(name))));
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
    const queue = newQueue(1);
    const failing = run(queue, () => Promise.reject(new Error('no')));
    const next = run(queue, () => Promise.resolve('next'));
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('next');
    expect(await run(queue, () => Promise.resolve('again'))).toBe('again');
  });

  it('refuses a job when too many wait, and takes others later', async () => {
    const queue = newQueue(1, 1);
    const jobs = new Jobs();
    const [first, second] = [run(queue, jobs.job('a')), run(queue, jobs.job('b'))];
    const refused = run(queue, jobs.job('c'));
    await expect(refused).rejects.toThrow(AuthBusyError);
    await expect(refused).rejects.toMatchObject({ code: 'CLACKS_ERR_AUTH_BUSY' });
    await jobs.end('a');
    const third = run(queue, jobs.job('d'));
    await jobs.end('b');
    await jobs.end('d');
    expect(await Promise.all([first, second, third])).toEqual(['a', 'b', 'd']);
    expect(jobs.started).toEqual(['a', 'b', 'd']);
  });

  it('lets parties take turns, however many jobs one of them has', async () => {
    const queue = newQueue(1);
    const jobs = new Jobs();
    const names = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'];
    const all = names.map((name) => run(queue, jobs.job(name), name.slice(0, 1)));
    for (let ended = 0; ended < names.length; ended++) {
      await settle();
      await jobs.end(jobs.started[ended] ?? '');
    }
    expect(jobs.started).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2']);
    expect(await Promise.all(all)).toEqual(names);
  });

  it('refuses a job when too many of its party wait, but not those of others', async () => {
    const queue = newQueue(1, 10, 1);
    const jobs = new Jobs();
    const [first, second] = ['a1', 'a2'].map((name) => run(queue, jobs.job(name), 'a'));
    await expect(run(queue, jobs.job('a3'), 'a')).rejects.toThrow(AuthBusyError);
    const other = run(queue, jobs.job('b'), 'b');
    for (const name of ['a1', 'a2', 'b']) await jobs.end(name);
    expect(await Promise.all([first, second, other])).toEqual(['a1', 'a2', 'b']);
  });

  it('drops a job that nobody waits for any more, and makes room for another', async () => {
    const queue = newQueue(1, 1);
    const jobs = new Jobs();
    const first = run(queue, jobs.job('a'));
    const abort = new AbortController();
    const dropped = queue.run(jobs.job('dropped'), 'one', abort.signal);
    abort.abort(new Error('gone'));
    await expect(dropped).rejects.toThrow('gone');
    const next = run(queue, jobs.job('b'));
    await jobs.end('a');
    await jobs.end('b');
    expect(await Promise.all([first, next])).toEqual(['a', 'b']);
    expect(jobs.started).toEqual(['a', 'b']);
  });
});
