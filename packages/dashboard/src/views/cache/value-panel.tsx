import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { ApiCacheValue } from 'clacks/admin-api';
import { messageOf } from '../../api/requests.ts';
import { recoveries } from '../../state/node.ts';
import { goTo, linkTo } from '../../state/route.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { isNarrow } from '../../ui/narrow.ts';
import { notify } from '../../ui/notices.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import { lookAt, remove } from './cache-requests.ts';
import { CachedValue } from './cached-value.ts';
import { decodeValue } from './decode-value.ts';
import { ValueContent, waysToShow } from './value-content.tsx';
import type { ShownAs } from './value-content.tsx';
import { ValueFacts } from './value-facts.tsx';
import { WriteDialog } from './write-dialog.tsx';

/** How often a small value is looked at, in ms. */
const followMs = 2000;

const titles: Readonly<Record<ShownAs, string>> = {
  text: 'Text',
  json: 'JSON',
  image: 'Image',
  hex: 'Hex',
  wire: 'On the wire',
};

const Ways = (props: {
  readonly ways: readonly ShownAs[];
  readonly shownAs: ShownAs;
  readonly onChoose: (way: ShownAs) => void;
}): JSX.Element => (
  <div class="ways" role="group" aria-label="Shown as">
    {props.ways.map((way) => (
      <button
        type="button"
        key={way}
        aria-pressed={way === props.shownAs}
        onClick={() => {
          props.onChoose(way);
        }}
      >
        {titles[way]}
      </button>
    ))}
  </div>
);

/** Buttons that change a value, and what they ask. */
const Changes = (props: {
  readonly cached: CachedValue;
  readonly value: ApiCacheValue;
  readonly onRemoved: () => void;
}): JSX.Element => {
  const { cached, value, onRemoved } = props;
  const asked = useSignal<'nothing' | 'edit' | 'remove'>('nothing');
  const close = (): void => {
    asked.value = 'nothing';
  };
  const removeIt = async (): Promise<void> => {
    close();
    try {
      await remove(cached.name);
      onRemoved();
    } catch (error) {
      notify(messageOf(error), 'bad');
    }
  };
  return (
    <>
      <button
        type="button"
        disabled={value.isTruncated}
        onClick={() => {
          asked.value = 'edit';
        }}
      >
        Edit
      </button>
      <button
        type="button"
        class="danger"
        onClick={() => {
          asked.value = 'remove';
        }}
      >
        Remove
      </button>
      {asked.value === 'edit' && (
        <WriteDialog name={cached.name} before={value} cached={cached} onClose={close} />
      )}
      {asked.value === 'remove' && (
        <Confirm
          title="Remove this value?"
          action="Remove"
          onCancel={close}
          onConfirm={() => void removeIt()}
        >
          <p class="mono">{visibleText(cached.name)}</p>
        </Confirm>
      )}
    </>
  );
};

/** A value, and what can be done with it. */
const Value = (props: {
  readonly cached: CachedValue;
  readonly value: ApiCacheValue;
  readonly mayWrite: boolean;
  readonly onRemoved: () => void;
}): JSX.Element => {
  const { cached, value, mayWrite, onRemoved } = props;
  const chosen = useSignal<ShownAs | undefined>(undefined);
  const decoded = useMemo(
    () => decodeValue(value),
    [value.value, value.encoding, value.isTruncated],
  );
  const ways = waysToShow(decoded);
  const shownAs = ways.find((way) => way === chosen.value) ?? ways[0] ?? 'hex';
  return (
    <>
      <ValueFacts value={value} decoded={decoded} />
      <div class="toolbar">
        <Ways
          ways={ways}
          shownAs={shownAs}
          onChoose={(way) => {
            chosen.value = way;
          }}
        />
        <span class="space" />
        {!cached.isFollowed && (
          <button type="button" onClick={() => void cached.look()}>
            Look again
          </button>
        )}
        {mayWrite && <Changes cached={cached} value={value} onRemoved={onRemoved} />}
      </div>
      {value.isTruncated && (
        <p class="warn">Only its first MiB is shown. It is too long to be edited here.</p>
      )}
      {cached.problem.value !== '' && <p class="problem">{cached.problem}</p>}
      <ValueContent key={shownAs} decoded={decoded} shownAs={shownAs} />
    </>
  );
};

const follow = (cached: CachedValue): (() => void) => {
  void cached.look();
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') void cached.follow();
  }, followMs);
  return () => {
    clearInterval(timer);
  };
};

/** Bytes of a name that are no UTF-8 come as U+FFFD: such a name cannot be asked for. */
const whyGone = (name: string): string =>
  name.includes('\u{FFFD}')
    ? 'The name holds bytes that are no UTF-8. It cannot be opened here.'
    : 'There is no value of that name (any more).';

/** What is known of the value of a name, as it is now. */
export const ValuePanel = (props: {
  readonly name: string;
  readonly mayWrite: boolean;
  readonly onRemoved: () => void;
}): JSX.Element => {
  const { name, mayWrite, onRemoved } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  const cached = useMemo(() => new CachedValue(name, lookAt), [name]);
  useEffect(() => follow(cached), [cached]);
  useEffect(() => {
    if (recoveries.value > 0) void cached.look();
  }, [cached, recoveries.value]);
  useEffect(() => {
    // On a phone the names make room for the value.
    if (isNarrow.peek()) heading.current?.focus();
  }, [name]);
  const state = cached.state.value;
  return (
    <section class="value panel" aria-label="Value">
      <a class="back" href={linkTo('cache')}>
        ← All names
      </a>
      <h2 class="mono" ref={heading} tabIndex={-1}>
        {visibleText(name)}
      </h2>
      {state.kind === 'loading' && <p class="muted">Loading…</p>}
      {state.kind === 'gone' && <p class="muted">{whyGone(name)}</p>}
      {state.kind === 'refused' && <p class="problem">{state.problem}</p>}
      {state.kind === 'here' && (
        <Value
          cached={cached}
          value={state.value}
          mayWrite={mayWrite}
          onRemoved={() => {
            goTo('cache');
            onRemoved();
          }}
        />
      )}
    </section>
  );
};
