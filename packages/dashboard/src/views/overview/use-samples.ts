import { batch, effect, useSignal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';
import type { ApiSample } from 'clacks/admin-api';
import { useEffect } from 'preact/hooks';
import { messageOf, request } from '../../api/requests.ts';
import { isLive, overview } from '../../state/node.ts';
import { addSamples } from './samples.ts';

/** Without news for so long, time goes on without them, in ms. */
const silenceMs = 2500;
const tickMs = 1000;

/** The last minutes of a node. */
export interface Samples {
  readonly samples: ReadonlySignal<readonly ApiSample[]>;
  /** What time it is on the node, ms since 1970; 0 before the first sample. */
  readonly nowMs: ReadonlySignal<number>;
  /** Why the seconds before could not be read. */
  readonly problem: ReadonlySignal<string>;
}

/** What the node remembers of its last minutes, and each second from now on. */
export const useSamples = (): Samples => {
  const samples = useSignal<readonly ApiSample[]>([]);
  const nowMs = useSignal(0);
  const problem = useSignal('');
  useEffect(() => {
    let heardAtMs = performance.now();
    const add = (came: readonly ApiSample[]): void => {
      const all = addSamples(samples.peek(), came);
      if (all === samples.peek()) return;
      heardAtMs = performance.now();
      batch(() => {
        samples.value = all;
        nowMs.value = all.at(-1)?.atMs ?? 0;
      });
    };
    const read = async (): Promise<void> => {
      try {
        const { items } = await request<{ items: readonly ApiSample[] }>({ path: 'history' });
        add(items);
        problem.value = '';
      } catch (error) {
        problem.value = `The minutes before could not be read. ${messageOf(error)}`;
      }
    };
    const endReading = effect(() => {
      // A node that was away knows seconds that the page does not, or has begun anew.
      if (isLive.value) void read();
    });
    const endFollowing = effect(() => {
      const node = overview.value;
      if (node !== undefined) add([node.lastSecond]);
    });
    const timer = setInterval(() => {
      if (nowMs.peek() > 0 && performance.now() - heardAtMs > silenceMs) nowMs.value += tickMs;
    }, tickMs);
    return () => {
      endReading();
      endFollowing();
      clearInterval(timer);
    };
  }, [samples, nowMs, problem]);
  return { samples, nowMs, problem };
};
