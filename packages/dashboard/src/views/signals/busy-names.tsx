import { useSignal } from '@preact/signals';
import type { ApiNames } from 'clacks/admin-api';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { messageOf, request } from '../../api/requests.ts';
import { recoveries } from '../../state/node.ts';
import { formatCount } from '../../ui/format.ts';
import { Visible } from '../../ui/visible.tsx';
import { choose } from './chosen.ts';

/** The server counts for 5 s at a time. */
const refreshMs = 2500;
const namesMax = 20;
const everything = '**';

/** What somebody may listen to who has chosen nothing so far: the names with most signals now. */
export const BusyNames = (): JSX.Element => {
  const names = useSignal<ApiNames | undefined>(undefined);
  const problem = useSignal('');
  const recovered = recoveries.value;
  useEffect(() => {
    const leave = new AbortController();
    const { signal } = leave;
    const read = async (): Promise<void> => {
      try {
        names.value = await request({ path: 'names', query: { limit: namesMax }, signal });
        problem.value = '';
      } catch (error) {
        if (!signal.aborted) problem.value = messageOf(error);
      }
    };
    void read();
    const timer = setInterval(() => void read(), refreshMs);
    return () => {
      clearInterval(timer);
      leave.abort();
    };
  }, [recovered, names, problem]);
  const items = names.value?.items ?? [];
  return (
    <section class="panel busy-names" aria-labelledby="busy-title">
      <h2 id="busy-title">What is sent now</h2>
      <p class="muted">
        Choose names or patterns to see their signals. <span class="mono">*</span> stands for one
        level of a name, <span class="mono">**</span> at the end for one or more.
      </p>
      <ul>
        {[{ name: everything, signalsPerS: undefined }, ...items].map(({ name, signalsPerS }) => (
          <li key={name}>
            <button
              type="button"
              onClick={() => {
                choose([name]);
              }}
            >
              <span class="mono">
                <Visible text={name} />
              </span>
              <small>
                {signalsPerS === undefined ? ' everything' : ` ${formatCount(signalsPerS)}/s`}
              </small>
            </button>
          </li>
        ))}
      </ul>
      {problem.value !== '' && <p class="bad">{problem}</p>}
    </section>
  );
};
