import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { formatCount, formatTime } from '../../ui/format.ts';
import { visibleText } from '../../ui/visible-text.ts';
import type { ConsoleLine, LineKind } from './console-log.ts';
import type { ConsoleSession } from './console-session.ts';

/** Characters of a line that are shown at first. */
const firstCharacters = 2000;
/** Who is not further from the end than that, in pixels, sees new lines come. */
const nearPx = 24;

const signs: Readonly<Record<LineKind, string>> = {
  sent: '›',
  received: '',
  error: '!',
  note: '–',
};

const Line = ({ line }: { readonly line: ConsoleLine }): JSX.Element => {
  const { kind, text, atMs } = line;
  const [isWhole, setWhole] = useState(false);
  const isCut = !isWhole && text.length > firstCharacters;
  return (
    <li class={kind}>
      <time class="muted">{formatTime(atMs)}</time>
      <span class="sign" aria-hidden="true">
        {signs[kind]}
      </span>
      <span class="text">
        {visibleText(isCut ? text.slice(0, firstCharacters) : text)}
        {isCut && (
          <button
            type="button"
            class="small"
            onClick={() => {
              setWhole(true);
            }}
          >
            … {formatCount(text.length - firstCharacters)} more characters
          </button>
        )}
      </span>
    </li>
  );
};

/** What was said. New lines are followed by who is at the end. */
export const ConsoleOutput = ({ session }: { readonly session: ConsoleSession }): JSX.Element => {
  const scroller = useRef<HTMLDivElement>(null);
  const isAtEnd = useSignal(true);
  const lines = session.lines.value;
  const toEnd = (): void => {
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  };
  useLayoutEffect(() => {
    if (isAtEnd.value) toEnd();
  }, [lines]);
  return (
    <div class="output">
      <div
        class="scroller mono"
        ref={scroller}
        role="log"
        aria-label="What was said"
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          isAtEnd.value = scrollHeight - scrollTop - clientHeight < nearPx;
        }}
      >
        {lines.length === 0 && (
          <p class="empty">
            Lines of the protocol, such as KEYLIST, RETRIEVE name, or LISTEN name.
          </p>
        )}
        <ul>
          {lines.map((line) => (
            <Line key={line.id} line={line} />
          ))}
        </ul>
      </div>
      {!isAtEnd.value && (
        <button type="button" class="to-end" onClick={toEnd}>
          ↓ Newest
        </button>
      )}
    </div>
  );
};
