import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { filterLines } from './log-lines.ts';
import type { LogLine } from './log-lines.ts';
import { LogList } from './log-list.tsx';
import './logs.css';
import { useLog } from './use-log.ts';

/** The log of the node, as it is written. */
export const LogsView = (): JSX.Element => {
  const { lines, problem, isRead } = useLog();
  const level = useSignal('');
  const text = useSignal('');
  /** What is shown while it is held. */
  const held = useSignal<readonly LogLine[] | undefined>(undefined);
  const all = held.value ?? lines.value;
  const shown = useMemo(
    () => filterLines(all, { level: level.value, text: text.value }),
    [all, level.value, text.value],
  );
  const isHeld = held.value !== undefined;
  return (
    <>
      <div class="toolbar">
        <label>
          Level{' '}
          <select
            value={level.value}
            onChange={({ currentTarget }) => {
              level.value = currentTarget.value;
            }}
          >
            <option value="">all</option>
            <option value="info">info and up</option>
            <option value="warn">warnings and up</option>
            <option value="error">errors</option>
          </select>
        </label>
        <input
          type="search"
          aria-label="Text in message or details"
          placeholder="Text in message or details"
          value={text.value}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value;
          }}
        />
        <button
          type="button"
          aria-pressed={isHeld}
          onClick={() => {
            held.value = isHeld ? undefined : lines.value;
          }}
        >
          Pause
        </button>
        <span class="muted">
          {shown.length === all.length
            ? `${all.length} lines`
            : `${shown.length} of ${all.length} lines`}
          {isHeld && ', paused'}
        </span>
      </div>
      {problem.value !== '' && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
      <LogList
        lines={shown}
        empty={isRead.value ? 'Nothing that fits has been logged.' : 'Asking the server…'}
      />
    </>
  );
};
