import { useSignal } from '@preact/signals';
import { verbs } from '@clacks/protocol';
import type { JSX } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { linesOf } from './console-log.ts';
import type { ConsoleSession } from './console-session.ts';
import type { History } from './history.ts';

/** What a node says, and what nodes say to each other: nobody types these. */
const answers = new Set([
  ...[
    'CLACKS',
    'RETRIEVED',
    'NOTRETRIEVED',
    'KEYLISTSTART',
    'KEY',
    'KEYLISTEND',
    'FLUSHED',
    'DEBUG',
  ],
  ...['CLIENTLISTSTART', 'CLIENT', 'CLIENTLISTEND', 'RELOADED', 'KEYSYNC', 'TIMEOUT'],
  ...['NODE', 'CLEARED', 'ECHO', 'ECHOED'],
]);

const commands = Object.keys(verbs).filter((verb) => !answers.has(verb));

/** Most lines that the field shows at a time. */
const rowsMax = 8;

/** What is typed, and what keys do to it. */
const useLines = (session: ConsoleSession, history: History) => {
  const text = useSignal('');
  const isLong = text.value.includes('\n');
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const isUsed = useRef(false);
  useLayoutEffect(() => {
    // It became another element, in which somebody goes on.
    if (isUsed.current) field.current?.focus();
  }, [isLong]);

  const send = (): void => {
    const lines = linesOf(text.value);
    if (lines.length === 0) return;
    history.add(lines);
    text.value = '';
    isUsed.current = true;
    field.current?.focus();
    void session.say(lines);
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
      return;
    }
    // In several lines these keys go from one to the other.
    if (isLong || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    const line = history.go(event.key === 'ArrowUp' ? 'back' : 'forth', text.value);
    if (line !== undefined) text.value = line;
  };
  const pasted = (event: ClipboardEvent): void => {
    const clip = event.clipboardData?.getData('text/plain') ?? '';
    const { selectionStart, selectionEnd, value } = event.currentTarget as HTMLInputElement;
    if (isLong || linesOf(clip).length < 2) return;
    // A field of one line would make one of them.
    event.preventDefault();
    isUsed.current = true;
    text.value = (
      value.slice(0, selectionStart ?? 0) +
      clip +
      value.slice(selectionEnd ?? value.length)
    ).replaceAll(/\r\n?/gu, '\n');
  };
  return { text, isLong, field, send, pressed, pasted };
};

/** Takes lines: one, or several that were pasted. */
export const ConsoleInput = (props: {
  readonly session: ConsoleSession;
  readonly history: History;
}): JSX.Element => {
  const { session, history } = props;
  const { text, isLong, field, send, pressed, pasted } = useLines(session, history);
  const listId = useId();
  const common = {
    class: 'mono',
    'aria-label': 'Lines to send',
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: false,
    value: text,
    onKeyDown: pressed,
    onPaste: pasted,
    onInput: ({ currentTarget }: { readonly currentTarget: { readonly value: string } }) => {
      text.value = currentTarget.value;
    },
  } as const;
  return (
    <form
      class="toolbar"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {isLong ? (
        <textarea
          {...common}
          ref={field}
          rows={Math.min(rowsMax, linesOf(text.value).length + 1)}
        />
      ) : (
        <input {...common} ref={field} list={listId} autofocus />
      )}
      <datalist id={listId}>
        {commands.map((verb) => (
          <option key={verb} value={verb} />
        ))}
      </datalist>
      <button type="submit" class="primary" disabled={session.isBusy}>
        Send
      </button>
      <button
        type="button"
        onClick={() => {
          session.clear();
        }}
      >
        Clear
      </button>
    </form>
  );
};
