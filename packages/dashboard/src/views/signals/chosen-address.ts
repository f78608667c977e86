/** Names and patterns that the server takes at a time. */
export const chosenMax = 100;

/** How signals are presented: the newest of each name, or all as they came. */
export type Presentation = 'newest' | 'log';

/** What is wrong with a name or pattern, if anything (protocol 2). */
export const problemOfName = (name: string): string | undefined => {
  if (name === '') return 'Type a name, or a pattern.';
  return /[ =\r\n]/u.test(name) ? 'A name has no space, no “=” and no line break.' : undefined;
};

/** The part of an address that stands for what is chosen. */
export const chosenAddress = (names: readonly string[], presentation: Presentation): string => {
  const query = new URLSearchParams(names.map((name): [string, string] => ['name', name]));
  if (presentation === 'log') query.set('show', 'log');
  const text = query.toString();
  return text === '' ? '#/signals' : `#/signals?${text}`;
};

/** Names and patterns of an address: those that the server would refuse are left out. */
export const namesOfQuery = (query: URLSearchParams): readonly string[] => {
  const names = query.getAll('name').filter((name) => problemOfName(name) === undefined);
  return [...new Set(names)].slice(0, chosenMax);
};
