import { signal } from '@preact/signals';
import type { ApiNames } from 'clacks/admin-api';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { request } from '../../api/requests.ts';
import { Poller } from '../../state/poller.ts';
import { formatCount } from '../../ui/format.ts';
import { Visible } from '../../ui/visible.tsx';
import { choose } from './chosen.ts';

const namesMax = 20;
const everything = '**';

/** The names with most signals now. */
class BusyNamesList {
  readonly names = signal<ApiNames | undefined>(undefined);
  readonly poller = new Poller(async (signal) => {
    this.names.value = await request({ path: 'names', query: { limit: namesMax }, signal });
  });
}

/** What somebody may listen to who has chosen nothing so far: the names with most signals now. */
export const BusyNames = (): JSX.Element => {
  const [{ names, poller }] = useState(() => new BusyNamesList());
  useEffect(() => poller.start(), [poller]);
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
      {poller.problem.value !== '' && <p class="bad">{poller.problem}</p>}
    </section>
  );
};
