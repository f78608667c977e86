import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { formatDateTime, formatTime } from '../../ui/format.ts';
import { visibleText } from '../../ui/visible-text.ts';
import { readableDetails } from './log-lines.ts';
import type { LogLine } from './log-lines.ts';
import { useTail } from './use-tail.ts';

interface LineProps {
  readonly line: LogLine;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

const levelClass = (level: string): string => {
  if (level === 'error' || level === 'fatal') return 'level bad';
  return level === 'warn' ? 'level warn' : 'level muted';
};

const Line = ({ line, isOpen, onToggle }: LineProps): JSX.Element => {
  if (line.kind === 'note') return <p class="note muted">{line.text}</p>;
  const { atMs, level, message, details } = line.entry;
  return (
    <>
      <button type="button" class="line" aria-expanded={isOpen} onClick={onToggle}>
        <time>{formatTime(atMs)}</time>
        <span class={levelClass(level)}>{level}</span>
        <span class="message">
          {visibleText(message)} <span class="preview">{visibleText(details)}</span>
        </span>
      </button>
      {isOpen && (
        <div class="details">
          <p>
            {formatDateTime(atMs)}, line {line.entry.serial}
          </p>
          <p class="whole">{visibleText(message)}</p>
          <pre>{readableDetails(details)}</pre>
        </div>
      )}
    </>
  );
};

/** Leads back to the end, and says how much has come there. */
const ToNewest = (props: { readonly fresh: number; readonly onClick: () => void }): JSX.Element => (
  <button type="button" class="to-newest primary" onClick={props.onClick}>
    {props.fresh > 0 ? `To the newest: ${props.fresh} more` : 'To the newest'}
  </button>
);

/** What the list shows. */
export interface LogListProps {
  readonly lines: readonly LogLine[];
  /** What stands there if there are none. */
  readonly empty: string;
}

/** The lines, the newest at the end, which stays in sight until somebody reads further up. */
export const LogList = ({ lines, empty }: LogListProps): JSX.Element => {
  const scroller = useRef<HTMLDivElement>(null);
  const open = useSignal<ReadonlySet<string>>(new Set());
  const seen = useRef<string>(undefined);
  const keyAt = (index: number): string => lines[index]?.key ?? '';
  const { rows, height, measure, isFollowing, scrolled } = useTail(scroller, lines.length, keyAt);
  const newest = lines.at(-1)?.key;
  useEffect(() => {
    if (isFollowing.value) seen.current = newest;
  }, [newest, isFollowing.value]);
  const toggle = (key: string): void => {
    const keys = new Set(open.value);
    if (!keys.delete(key)) keys.add(key);
    open.value = keys;
  };
  const fresh = lines.length - 1 - lines.findLastIndex(({ key }) => key === seen.current);
  return (
    <div class="log-place">
      <div
        class="log"
        ref={scroller}
        role="list"
        aria-label="Lines of the log"
        tabIndex={0}
        onScroll={scrolled}
        onFocusCapture={({ target }) => {
          if (target !== scroller.current) isFollowing.value = false;
        }}
      >
        {lines.length === 0 && <p class="empty">{empty}</p>}
        <div class="body" style={{ height: `${height}px` }}>
          {rows.map(({ index, key, start }) => {
            const line = lines[index];
            if (line === undefined) return null;
            return (
              <div
                role="listitem"
                key={key}
                ref={measure}
                data-index={index}
                aria-posinset={index + 1}
                aria-setsize={lines.length}
                style={{ transform: `translateY(${start}px)` }}
              >
                <Line
                  line={line}
                  isOpen={open.value.has(line.key)}
                  onToggle={() => {
                    toggle(line.key);
                  }}
                />
              </div>
            );
          })}
        </div>
      </div>
      {!isFollowing.value && (
        <ToNewest
          fresh={fresh}
          onClick={() => {
            isFollowing.value = true;
            scroller.current?.focus();
          }}
        />
      )}
    </div>
  );
};
