import { signal } from '@preact/signals';

const query = matchMedia('(width < 45rem)');

/** Whether the page is as narrow as a phone: tables show fewer columns then. */
export const isNarrow = signal(query.matches);

query.addEventListener('change', ({ matches }) => {
  isNarrow.value = matches;
});
