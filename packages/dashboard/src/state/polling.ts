import { effect, useSignal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { request } from '../api/requests.ts';
import type { ApiRequest } from '../api/requests.ts';
import { Poller } from './poller.ts';

/** What is asked for again and again. */
export interface Polled<Answer> {
  /** The last answer; undefined before the first one. */
  readonly answer: Answer | undefined;
  /** When that came; 0 before. */
  readonly answeredAtMs: number;
  /** Why the last question was not answered; undefined if it was. */
  readonly problem: string | undefined;
}

/**
 * Asks the API for as long as the component is there, as {@link Poller} does.
 *
 * @param asked - Must stay the same object.
 */
export const usePolled = <Answer>(
  asked: ApiRequest,
  everyMs: number,
): ReadonlySignal<Polled<Answer>> => {
  const polled = useSignal<Polled<Answer>>({
    answer: undefined,
    answeredAtMs: 0,
    problem: undefined,
  });
  useEffect(() => {
    const poller = new Poller(async (signal) => {
      const answer = await request<Answer>({ ...asked, signal });
      polled.value = { answer, answeredAtMs: Date.now(), problem: undefined };
    }, everyMs);
    const stop = poller.start();
    const endProblems = effect(() => {
      const problem = poller.problem.value;
      if (problem !== '') polled.value = { ...polled.peek(), problem };
    });
    return () => {
      endProblems();
      stop();
    };
  }, [asked, everyMs, polled]);
  return polled;
};
