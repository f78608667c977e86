import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import { base64FromWire, wireFromBytes } from '@clacks/protocol';
import type { ApiCacheValue } from 'clacks/admin-api';
import { useMemo } from 'preact/hooks';
import { messageOf } from '../../api/requests.ts';
import { formatBytes } from '../../ui/format.ts';
import { lookAt, store } from './cache-requests.ts';
import { decodeValue } from './decode-value.ts';
import { changeForm, encodeInput, inputFormOf } from './encode-value.ts';
import type { InputForm } from './encode-value.ts';

/** Longest value that can be written here, in bytes. */
const bytesMax = 1024 * 1024;

/** What is in the way of storing something: `null` if the value is gone that was edited. */
export type InTheWay = ApiCacheValue | null;

/** What somebody types, and what becomes of it. */
export interface WriteInput {
  readonly name: Signal<string>;
  readonly form: Signal<InputForm>;
  readonly text: Signal<string>;
  readonly problem: Signal<string>;
  readonly isBusy: Signal<boolean>;
  /** The value that somebody knows of, who stores another one in its place. */
  readonly known: Signal<ApiCacheValue | undefined>;
  /** What else is there: has to be confirmed. */
  readonly inTheWay: Signal<InTheWay | undefined>;
  readonly isChanged: () => boolean;
  readonly setForm: (form: InputForm) => void;
  readonly takeFile: (file: File) => Promise<void>;
  /** Stores it, unless something is in the way; resolves to whether it is stored. */
  readonly save: () => Promise<boolean>;
}

/** Whether two values are the same, whenever they were written and used. */
export const isSameValue = (
  one: ApiCacheValue | undefined,
  other: ApiCacheValue | undefined,
): boolean => one?.value === other?.value && one?.encoding === other?.encoding;

/** What is in the fields of somebody who writes a value. */
const useFields = (firstName: string, before: ApiCacheValue | undefined) => {
  const first = useMemo(() => {
    if (before === undefined) return { decoded: undefined, form: 'text' as const, text: '' };
    const decoded = decodeValue(before);
    const form = inputFormOf(decoded);
    const { bytes, text = '' } = decoded;
    return {
      decoded,
      form,
      text: form === 'base64' ? base64FromWire(wireFromBytes(bytes)) : text,
    };
  }, []);
  return {
    first,
    name: useSignal(firstName),
    form: useSignal<InputForm>(first.form),
    text: useSignal(first.text),
  };
};

/**
 * @param firstName - The name, or what a new one begins with.
 * @param before - What is edited; undefined for a new value.
 */
export const useWriteInput = (firstName: string, before: ApiCacheValue | undefined): WriteInput => {
  const { first, name, form, text } = useFields(firstName, before);
  const problem = useSignal('');
  const isBusy = useSignal(false);
  const known = useSignal(before);
  const inTheWay = useSignal<InTheWay | undefined>(undefined);

  const save = async (): Promise<boolean> => {
    isBusy.value = true;
    problem.value = '';
    try {
      const encoded = encodeInput(form.value, text.value, first.decoded);
      const now = await lookAt(name.value);
      if (!isSameValue(now, known.value)) {
        inTheWay.value = now ?? null;
        return false;
      }
      await store({ name: name.value, ...encoded });
      return true;
    } catch (error) {
      problem.value = messageOf(error);
      return false;
    } finally {
      isBusy.value = false;
    }
  };
  const takeFile = async (file: File): Promise<void> => {
    if (file.size > bytesMax) {
      problem.value = `That file has ${formatBytes(file.size)}. Here a value may have ${formatBytes(bytesMax)}.`;
      return;
    }
    problem.value = '';
    form.value = 'base64';
    text.value = base64FromWire(wireFromBytes(new Uint8Array(await file.arrayBuffer())));
  };
  return {
    ...{ name, form, text, problem, isBusy, known, inTheWay, takeFile, save },
    isChanged: () =>
      text.value !== first.text || form.value !== first.form || name.value !== firstName,
    setForm: (chosen) => {
      text.value = changeForm(form.value, chosen, text.value);
      form.value = chosen;
    },
  };
};
