import type { ApiNames } from 'clacks/admin-api';
import type { JSX } from 'preact';
import { usePolled } from '../../state/polling.ts';
import { formatBytes, formatCount } from '../../ui/format.ts';
import { Visible } from '../../ui/visible.tsx';

const asked = { path: 'names', query: { limit: 15 } };
const everyMs = 2000;

/** The names that most signals are sent for. */
export const BusiestNames = (): JSX.Element => {
  const { answer, problem } = usePolled<ApiNames>(asked, everyMs).value;
  const items = answer?.items ?? [];
  return (
    <section class="busiest panel" aria-labelledby="busiest-title">
      <h2 id="busiest-title">Busiest names</h2>
      {problem !== undefined && <p class="problem">{problem}</p>}
      {items.length === 0 ? (
        <p class="muted">
          {answer === undefined ? 'Asking the server…' : 'No signals in the last seconds.'}
        </p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Signals/s</th>
              <th scope="col">Bytes/s</th>
              <th scope="col">Listeners</th>
            </tr>
          </thead>
          <tbody>
            {items.map(({ name, signalsPerS, bytesPerS, listeners }) => (
              <tr key={name}>
                <th scope="row" class="mono">
                  <Visible text={name} />
                </th>
                <td>{formatCount(signalsPerS)}</td>
                <td>{formatBytes(bytesPerS)}</td>
                <td>{formatCount(listeners)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {answer !== undefined && answer.othersPerS > 0 && (
        <p class="muted">{formatCount(answer.othersPerS)} signals/s of other names.</p>
      )}
    </section>
  );
};
