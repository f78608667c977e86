/** What separates the levels of a name by convention: `Kitchen::Heater::Power` (protocol 2). */
export const levelSeparator = '::';

/**
 * Checks that a name can be sent: not empty, no space, no `=`, no line break (protocol 2).
 *
 * @throws TypeError if it cannot.
 */
export const assertName = (name: string): void => {
  if (typeof name !== 'string' || name === '') {
    throw new TypeError('A clacks name must be a string with at least one character.');
  }
  if (/[ =\r\n]/u.test(name)) {
    throw new TypeError(
      `A clacks name has no space, no "=" and no line break: ${JSON.stringify(name)}.`,
    );
  }
};

/**
 * Checks that a text is one line.
 *
 * @param what - What the text is, for the message.
 * @throws TypeError if it contains CR or LF: a line break must never become a second command.
 */
export const assertSingleLine = (text: string, what: string): void => {
  if (/[\r\n]/u.test(text)) throw new TypeError(`${what} must not contain a line break.`);
};
