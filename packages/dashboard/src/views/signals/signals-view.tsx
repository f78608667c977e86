import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { formatCount } from '../../ui/format.ts';
import { BusyNames } from './busy-names.tsx';
import { chosenNames, present, presentation } from './chosen.ts';
import type { Presentation } from './chosen-address.ts';
import { filterSignals } from './filter-signals.ts';
import { LiveSignals } from './live-signals.ts';
import { LogTable } from './log-table.tsx';
import { NamePicker } from './name-picker.tsx';
import { NewestTable } from './newest-table.tsx';
import { SignalStatus } from './signal-status.tsx';
import './signals.css';

const presentations: readonly (readonly [Presentation, string])[] = [
  ['newest', 'Newest of each name'],
  ['log', 'Log'],
];

const Controls = (props: {
  readonly live: LiveSignals;
  readonly filter: string;
  readonly onFilter: (text: string) => void;
}): JSX.Element => {
  const { live, filter, onFilter } = props;
  const isPaused = live.isPaused.value;
  return (
    <div class="toolbar">
      <div role="group" aria-label="Presentation" class="choice">
        {presentations.map(([as, title]) => (
          <button
            key={as}
            type="button"
            aria-pressed={presentation.value === as}
            onClick={() => {
              present(as);
            }}
          >
            {title}
          </button>
        ))}
      </div>
      <button
        type="button"
        onClick={() => {
          live.setPaused(!isPaused);
        }}
      >
        {isPaused ? 'Resume' : 'Pause'}
      </button>
      <button
        type="button"
        onClick={() => {
          live.clear();
        }}
      >
        Clear
      </button>
      <input
        type="search"
        aria-label="Show those only whose name or value holds"
        placeholder="Filter names and values"
        value={filter}
        onInput={({ currentTarget }) => {
          onFilter(currentTarget.value);
        }}
      />
      {isPaused && (
        <strong class="warn">Paused: {formatCount(live.missed.value)} signals came since.</strong>
      )}
    </div>
  );
};

/** The signals of names and patterns that somebody chooses, as they come. */
export const SignalsView = (): JSX.Element => {
  const [live] = useState(() => new LiveSignals());
  const filter = useSignal('');
  const names = chosenNames.value;
  const key = JSON.stringify(names);
  useEffect(() => live.follow(JSON.parse(key) as string[]), [live, key]);
  if (names.length === 0) {
    return (
      <>
        <NamePicker />
        <BusyNames />
      </>
    );
  }
  const view = live.view.value;
  const empty = view.seen === 0 ? 'No signal came so far.' : 'No signal holds that text.';
  return (
    <>
      <NamePicker />
      <Controls
        live={live}
        filter={filter.value}
        onFilter={(text) => {
          filter.value = text;
        }}
      />
      <SignalStatus
        view={view}
        listening={live.listening.value}
        presentation={presentation.value}
      />
      {presentation.value === 'log' ? (
        <LogTable key={view.beganAtMs} log={view.log} filter={filter.value} empty={empty} />
      ) : (
        <NewestTable view={view} rows={filterSignals(view.rows, filter.value)} empty={empty} />
      )}
    </>
  );
};
