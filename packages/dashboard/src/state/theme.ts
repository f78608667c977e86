import { effect, signal } from '@preact/signals';

/** What somebody chose: as the system has it, or one of both. */
export type Theme = 'system' | 'light' | 'dark';

const key = 'clacks-theme';

/** Where choices are kept, if the browser keeps any: it may have been told not to. */
const storage = (): Storage | undefined => {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
};

const stored = (): Theme => {
  const value = storage()?.getItem(key);
  return value === 'light' || value === 'dark' ? value : 'system';
};

/** The colours that somebody chose; kept in the browser. */
export const theme = signal<Theme>(stored());

effect(() => {
  storage()?.setItem(key, theme.value);
  document.documentElement.dataset['theme'] = theme.value;
});
