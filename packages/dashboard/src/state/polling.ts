import { effect, useSignal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { messageOf, request, RequestError } from '../api/requests.ts';
import type { ApiRequest } from '../api/requests.ts';
import { isLive } from './node.ts';
import { session } from './session.ts';

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
 * Asks the API for as long as the component is there, somebody looks at the page and the server is
 * not away; at once when it comes back.
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
    const ending = new AbortController();
    let isAsking = false;
    const ask = async (): Promise<void> => {
      if (isAsking || !isLive.peek() || document.hidden) return;
      isAsking = true;
      try {
        const answer = await request<Answer>({ ...asked, signal: ending.signal });
        polled.value = { answer, answeredAtMs: Date.now(), problem: undefined };
      } catch (error) {
        if (ending.signal.aborted) return;
        polled.value = { ...polled.peek(), problem: messageOf(error) };
        if (error instanceof RequestError && error.code === 'not_logged_in') void session.check();
      } finally {
        isAsking = false;
      }
    };
    const timer = setInterval(() => void ask(), everyMs);
    const end = effect(() => {
      if (isLive.value) void ask();
    });
    return () => {
      clearInterval(timer);
      end();
      ending.abort();
    };
  }, [asked, everyMs, polled]);
  return polled;
};
