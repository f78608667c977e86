import { signal } from '@preact/signals';

/** Where in the page somebody is: `#/cache?prefix=Kitchen::`. */
export interface Route {
  readonly view: string;
  readonly query: URLSearchParams;
}

const parse = (): Route => {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/u, '').split('?', 2);
  return { view: path, query: new URLSearchParams(query) };
};

/** Where somebody is now. */
export const route = signal(parse());

addEventListener('hashchange', () => {
  route.value = parse();
});

/** The link to a place in the page. */
export const linkTo = (view: string, query: Readonly<Record<string, string>> = {}): string => {
  const text = new URLSearchParams(query).toString();
  return text === '' ? `#/${view}` : `#/${view}?${text}`;
};

/** Goes to a place in the page. */
export const goTo = (view: string, query?: Readonly<Record<string, string>>): void => {
  location.hash = linkTo(view, query);
};
