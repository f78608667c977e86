const hidden = /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const escaped = (character: string): string =>
  `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

/**
 * What strangers sent, fit for a log that may be shown on a terminal: what JSON leaves as it is and a
 * terminal obeys, or what turns the direction of text round, is made visible.
 */
export const printable = (text: string): string => text.replace(hidden, escaped);
