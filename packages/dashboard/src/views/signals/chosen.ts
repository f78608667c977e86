import { computed } from '@preact/signals';
import { route } from '../../state/route.ts';
import { chosenAddress, namesOfQuery } from './chosen-address.ts';
import type { Presentation } from './chosen-address.ts';

/** Names and patterns that are chosen: the address of the page has them. */
export const chosenNames = computed(() => namesOfQuery(route.value.query));

/** The presentation that is chosen. */
export const presentation = computed<Presentation>(() =>
  route.value.query.get('show') === 'log' ? 'log' : 'newest',
);

/** Chooses other names. */
export const choose = (names: readonly string[]): void => {
  location.hash = chosenAddress(names, presentation.value);
};

/** Chooses another presentation. */
export const present = (as: Presentation): void => {
  location.hash = chosenAddress(chosenNames.value, as);
};
