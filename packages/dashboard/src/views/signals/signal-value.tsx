import type { ApiSignal } from 'clacks/admin-api';
import type { JSX } from 'preact';
import { formatBytes } from '../../ui/format.ts';
import { Visible } from '../../ui/visible.tsx';

/** Values up to so many bytes are told as a whole. */
const bytesTold = 1024;

/** The value of a signal, if it has one. */
export const SignalValue = ({ signal }: { readonly signal: ApiSignal }): JSX.Element => {
  const { value, bytes = 0 } = signal;
  if (value === undefined) return <span class="muted">–</span>;
  return (
    <>
      {bytes > bytesTold && <span class="muted">({formatBytes(bytes)}) </span>}
      <span class="mono">
        <Visible text={value} />
      </span>
    </>
  );
};
