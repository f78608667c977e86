/** Words of these characters mean to a shell what they say. */
const plainWord = /^[\p{L}\p{N}_@%+=:,./-]+$/u;

/**
 * The words of a command that needs no shell: words with nothing in them that a shell would read as
 * something else, separated by blanks.
 *
 * @returns `undefined` if it needs one: quotes, variables, patterns, pipes, several commands.
 */
export const wordsOfCommand = (command: string): readonly string[] | undefined => {
  const words = command.split(/[ \t]+/u).filter((word) => word !== '');
  const [program] = words;
  // A first word with a `=` sets a variable.
  if (program === undefined || program.includes('=')) return undefined;
  return words.every((word) => plainWord.test(word)) ? words : undefined;
};
