import { effect, signal } from '@preact/signals';

/** What somebody chose: as the system has it, or one of both. */
export type Theme = 'system' | 'light' | 'dark';

const key = 'clacks-theme';

const stored = (): Theme => {
  const value = localStorage.getItem(key);
  return value === 'light' || value === 'dark' ? value : 'system';
};

/** The colours that somebody chose; kept in the browser. */
export const theme = signal<Theme>(stored());

effect(() => {
  localStorage.setItem(key, theme.value);
  document.documentElement.dataset['theme'] = theme.value;
});
