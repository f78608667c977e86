import { signal } from '@preact/signals';
import type { JSX } from 'preact';

/** How long a notice of success stays, in ms. One of a failure stays until it is closed. */
const shownMs = 6000;
/** Most notices at a time: the oldest go. */
const noticesMax = 5;

interface Notice {
  readonly id: number;
  readonly text: string;
  readonly kind: 'good' | 'bad';
}

const notices = signal<readonly Notice[]>([]);
let newest = 0;

const remove = (id: number): void => {
  notices.value = notices.value.filter((notice) => notice.id !== id);
};

/** Tells the user what came of something. */
export const notify = (text: string, kind: Notice['kind']): void => {
  const id = ++newest;
  notices.value = [...notices.value, { id, text, kind }].slice(-noticesMax);
  if (kind === 'good') setTimeout(remove, shownMs, id);
};

/** Where notices appear. */
export const Notices = (): JSX.Element => (
  <div class="notices" role="status" aria-live="polite">
    {notices.value.map(({ id, text, kind }) => (
      <p key={id} class={kind}>
        {text}
        <button
          type="button"
          aria-label="Close this notice"
          onClick={() => {
            remove(id);
          }}
        >
          ×
        </button>
      </p>
    ))}
  </div>
);
