import { useSignal } from '@preact/signals';
import type { ApiSample } from 'clacks/admin-api';
import type { JSX } from 'preact';
import { useCallback, useMemo } from 'preact/hooks';
import { overview } from '../../state/node.ts';
import { session } from '../../state/session.ts';
import { formatTime } from '../../ui/format.ts';
import { BusiestNames } from './busiest-names.tsx';
import { chartKinds } from './chart-kinds.ts';
import { Chart } from './chart.tsx';
import './overview.css';
import type { TimeRange } from './plot.ts';
import { gapsOf } from './samples.ts';
import { Tiles } from './tiles.tsx';
import { useSamples } from './use-samples.ts';

/** Times that can be shown, in minutes. */
const spans = [1, 3, 10];
const spanDefault = 3;
const minuteMs = 60_000;

interface MomentProps {
  readonly range: TimeRange;
  readonly momentMs: number | undefined;
  readonly onMoment: (momentMs: number | undefined) => void;
}

/** Chooses a moment without a mouse: all charts show their values of then. */
const Moment = ({ range, momentMs, onMoment }: MomentProps): JSX.Element => {
  const seconds = Math.round((range.toMs - range.fromMs) / 1000);
  const agoS = momentMs === undefined ? 0 : Math.round((range.toMs - momentMs) / 1000);
  return (
    <label class="moment">
      Values of
      <input
        type="range"
        min={-seconds}
        max={0}
        value={-Math.min(agoS, seconds)}
        aria-valuetext={momentMs === undefined ? 'now' : formatTime(momentMs)}
        onInput={({ currentTarget }) => {
          const agoMs = -1000 * currentTarget.valueAsNumber;
          onMoment(agoMs === 0 ? undefined : range.toMs - agoMs);
        }}
      />
      <output>{momentMs === undefined ? 'now' : formatTime(momentMs)}</output>
    </label>
  );
};

/** Says of which times nothing is known. */
const Gaps = (props: {
  readonly samples: readonly ApiSample[];
  readonly range: TimeRange;
}): JSX.Element => (
  <ul class="gaps warn" aria-label="Gaps">
    {gapsOf(props.samples, props.range.toMs).map(({ fromMs, toMs }) => (
      <li key={fromMs}>
        {toMs === props.range.toMs
          ? `No figures since ${formatTime(fromMs)}.`
          : `No figures from ${formatTime(fromMs)} to ${formatTime(toMs)}.`}
      </li>
    ))}
  </ul>
);

/** Rates and delays of the last minutes, and what the node holds. */
export const OverviewView = (): JSX.Element => {
  const { samples, nowMs, problem } = useSamples();
  const span = useSignal(spanDefault);
  const moment = useSignal<number | undefined>(undefined);
  const onMoment = useCallback(
    (momentMs: number | undefined) => {
      moment.value = momentMs;
    },
    [moment],
  );
  const toMs = nowMs.value === 0 ? Date.now() : nowMs.value;
  const range = { fromMs: toMs - span.value * minuteMs, toMs };
  const all = samples.value;
  const shown = useMemo(() => all.filter(({ atMs }) => atMs >= range.fromMs), [all, range.fromMs]);
  // A moment that time has left behind is none.
  const momentMs = (moment.value ?? 0) > range.fromMs ? moment.value : undefined;
  const node = overview.value;
  return (
    <>
      {node !== undefined && <Tiles node={node} />}
      <div class="toolbar">
        <label>
          Last{' '}
          <select
            value={span.value}
            onChange={({ currentTarget }) => {
              span.value = Number(currentTarget.value);
            }}
          >
            {spans.map((minutes) => (
              <option key={minutes} value={minutes}>
                {minutes === 1 ? 'minute' : `${minutes} minutes`}
              </option>
            ))}
          </select>
        </label>
        <Moment range={range} momentMs={momentMs} onMoment={onMoment} />
      </div>
      {problem.value !== '' && <p class="problem">{problem.value}</p>}
      <Gaps samples={shown} range={range} />
      <div class="charts">
        {chartKinds.map((kind) => (
          <Chart
            key={kind.title}
            kind={kind}
            samples={shown}
            range={range}
            momentMs={momentMs}
            onMoment={onMoment}
          />
        ))}
      </div>
      {session.user.value.read && <BusiestNames />}
    </>
  );
};
