import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Visible } from '../../ui/visible.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import { choose, chosenNames } from './chosen.ts';
import { chosenMax, problemOfName } from './chosen-address.ts';
import { KnownNames } from './known-names.ts';
import { suggestionsFor } from './suggestions.ts';

/** What is wrong with one more name, if anything. */
const problemOf = (name: string): string | undefined => {
  const names = chosenNames.peek();
  if (names.includes(name)) return 'That one is in the list already.';
  if (names.length >= chosenMax) return `No more than ${chosenMax} at a time.`;
  return problemOfName(name);
};

const Chosen = ({ onRemoved }: { readonly onRemoved: () => void }): JSX.Element => (
  <ul class="chosen" aria-label="Names and patterns that are listened to">
    {chosenNames.value.map((name) => (
      <li key={name}>
        <span class="mono">
          <Visible text={name} />
        </span>
        <button
          type="button"
          aria-label={`Do not listen to ${visibleText(name)} any more`}
          onClick={() => {
            choose(chosenNames.peek().filter((each) => each !== name));
            onRemoved();
          }}
        >
          ×
        </button>
      </li>
    ))}
  </ul>
);

/** Where names and patterns are chosen, with suggestions. */
export const NamePicker = (): JSX.Element => {
  const [known] = useState(() => new KnownNames());
  const typed = useSignal('');
  const problem = useSignal('');
  const input = useRef<HTMLInputElement>(null);
  useEffect(
    () => () => {
      known.close();
    },
    [known],
  );
  const add = (): void => {
    const name = typed.peek().trim();
    problem.value = problemOf(name) ?? '';
    if (problem.peek() !== '') return;
    choose([...chosenNames.peek(), name]);
    typed.value = '';
    known.find('');
  };
  return (
    <>
      <form
        class="toolbar"
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <input
          ref={input}
          type="search"
          aria-label="Name or pattern to listen to"
          placeholder="Name or pattern: Kitchen::**"
          list="signal-names"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          value={typed}
          onFocus={() => void known.readBusy()}
          onInput={({ currentTarget: { value } }) => {
            typed.value = value;
            problem.value = '';
            known.find(value.trim());
          }}
        />
        <datalist id="signal-names">
          {suggestionsFor(typed.value.trim(), known.names.value).map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <button type="submit" class="primary">
          Listen
        </button>
        <span role="alert" class="bad">
          {problem.value || known.problem.value}
        </span>
      </form>
      {chosenNames.value.length > 0 && <Chosen onRemoved={() => input.current?.focus()} />}
    </>
  );
};
