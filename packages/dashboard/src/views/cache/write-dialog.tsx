import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { ApiCacheValue } from 'clacks/admin-api';
import { Confirm } from '../../ui/confirm.tsx';
import { useModal } from '../../ui/modal.ts';
import { visibleText } from '../../ui/visible-text.ts';
import type { CachedValue } from './cached-value.ts';
import { decodeValue } from './decode-value.ts';
import type { InputForm } from './encode-value.ts';
import { isSameValue, useWriteInput } from './write-input.ts';
import type { InTheWay, WriteInput } from './write-input.ts';

/** Of a value that is in the way, so many characters are shown. */
const quotedMax = 500;

/** What the dialog is for. */
export interface WriteDialogProps {
  /** The name, or what the name of a new value begins with. */
  readonly name: string;
  /** What is edited; absent for a new value. */
  readonly before?: ApiCacheValue;
  /** Follows what is edited. */
  readonly cached?: CachedValue;
  readonly onClose: () => void;
  /** Is told the name when it is stored. */
  readonly onStored?: (name: string) => void;
}

const quote = (value: ApiCacheValue): string => {
  const { text = '(bytes)' } = decodeValue(value);
  return text.length <= quotedMax ? text : `${text.slice(0, quotedMax)}…`;
};

/** Asks whether something is to be written over. */
const Overwrite = (props: {
  readonly found: InTheWay;
  readonly isNew: boolean;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}): JSX.Element => {
  const { found, isNew, onConfirm, onCancel } = props;
  const answers = { onConfirm, onCancel };
  if (found === null) {
    return (
      <Confirm title="It was removed meanwhile" action="Store it again" {...answers}>
        <p>Somebody removed this value since you opened it.</p>
      </Confirm>
    );
  }
  const title = isNew ? 'There is a value already' : 'It changed meanwhile';
  return (
    <Confirm title={title} action="Overwrite" {...answers}>
      <p>{isNew ? 'The value of that name is:' : 'Somebody changed it. It is now:'}</p>
      <pre class="quote">{quote(found)}</pre>
    </Confirm>
  );
};

const forms: Readonly<Record<InputForm, string>> = {
  text: 'Text',
  yaml: 'Structured data (YAML)',
  base64: 'Bytes, as base64',
};

/** The fields of a value. */
const Fields = (props: { readonly input: WriteInput; readonly isNew: boolean }): JSX.Element => {
  const { input, isNew } = props;
  const { name, form, text } = input;
  return (
    <>
      {isNew && (
        <label>
          Name
          <input
            class="mono"
            required
            autofocus
            spellcheck={false}
            autocapitalize="none"
            value={name}
            onInput={({ currentTarget }) => {
              name.value = currentTarget.value;
            }}
          />
        </label>
      )}
      <label>
        Kind
        <select
          value={form}
          onChange={({ currentTarget }) => {
            input.setForm(currentTarget.value as InputForm);
          }}
        >
          {Object.entries(forms).map(([key, title]) => (
            <option key={key} value={key}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <label>
        Value
        <textarea
          class="mono"
          rows={10}
          autofocus={!isNew}
          spellcheck={false}
          value={text}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value;
          }}
        />
      </label>
      <label>
        Or the bytes of a file
        <input
          type="file"
          onChange={({ currentTarget: { files } }) => {
            const file = files?.[0];
            if (file !== undefined) void input.takeFile(file);
          }}
        />
      </label>
    </>
  );
};

/** What is asked before something is lost: another value, or what somebody typed. */
const Questions = (props: {
  readonly input: WriteInput;
  readonly isNew: boolean;
  readonly isLeaving: Signal<boolean>;
  readonly onSave: () => void;
  readonly onDiscard: () => void;
}): JSX.Element => {
  const { input, isNew, isLeaving, onSave, onDiscard } = props;
  const { inTheWay, known } = input;
  return (
    <>
      {inTheWay.value !== undefined && (
        <Overwrite
          found={inTheWay.value}
          isNew={isNew}
          onCancel={() => {
            inTheWay.value = undefined;
          }}
          onConfirm={() => {
            known.value = inTheWay.value ?? undefined;
            inTheWay.value = undefined;
            onSave();
          }}
        />
      )}
      {isLeaving.value && (
        <Confirm
          title="Discard what you typed?"
          action="Discard"
          onConfirm={onDiscard}
          onCancel={() => {
            isLeaving.value = false;
          }}
        >
          <p>It is not stored.</p>
        </Confirm>
      )}
    </>
  );
};

/** Asks for a value, and stores it unless somebody else was faster. */
export const WriteDialog = (props: WriteDialogProps): JSX.Element => {
  const { before, cached, onClose, onStored } = props;
  const isNew = before === undefined;
  const dialog = useModal();
  const isLeaving = useSignal(false);
  const input = useWriteInput(props.name, before);
  const save = async (): Promise<void> => {
    if (!(await input.save())) return;
    onClose();
    onStored?.(input.name.value);
    await cached?.look();
  };
  const leave = (): void => {
    if (input.isChanged()) isLeaving.value = true;
    else onClose();
  };
  const now = cached?.state.value;
  const hasChanged = now?.kind === 'here' && !isSameValue(now.value, input.known.value);
  return (
    <>
      <dialog
        ref={dialog}
        class="write"
        aria-labelledby="write-title"
        onCancel={(event) => {
          event.preventDefault();
          leave();
        }}
        onClose={onClose}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          <h2 id="write-title">{isNew ? 'New value' : `Edit ${visibleText(props.name)}`}</h2>
          <Fields input={input} isNew={isNew} />
          <p role="status" class="warn">
            {hasChanged && 'Somebody changed this value since you opened it.'}
          </p>
          <p role="alert" class="problem">
            {input.problem}
          </p>
          <div class="buttons">
            <button type="button" onClick={leave}>
              Cancel
            </button>
            <button type="submit" class="primary" disabled={input.isBusy}>
              Store
            </button>
          </div>
        </form>
      </dialog>
      <Questions
        input={input}
        isNew={isNew}
        isLeaving={isLeaving}
        onSave={() => void save()}
        onDiscard={onClose}
      />
    </>
  );
};
