import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter();

/** Most code points of one character, an emoji of four people has 11: more are a heap of marks. */
const pointsMax = 12;

/** What a terminal obeys, what breaks a line, and what turns the direction of text round. */
const unsafe =
  // eslint-disable-next-line no-control-regex -- Control characters are what this is about.
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** Makes what others sent fit for a line of a terminal: whatever it holds, it is text that is shown. */
export const clean = (text: string): string => text.replace(unsafe, '\ufffd');

/** What somebody sees as one character each. */
export const charactersOf = (text: string): string[] =>
  Array.from(segmenter.segment(text), ({ segment }) => segment);

/** How many columns of a terminal a text takes. */
export const widthOf = (text: string): number => stringWidth(text);

/** The beginning of a text, no wider than that, and how wide it is. */
const begin = (text: string, width: number): { shown: string; taken: number } => {
  let shown = '';
  let taken = 0;
  // Before the last character that fits, in case one more follows.
  let before = { shown: '', taken: 0 };
  // One by one: of a long text only the beginning is looked at.
  for (const { segment } of segmenter.segment(text)) {
    const character = Array.from(segment).length > pointsMax ? '\ufffd' : segment;
    const wide = stringWidth(character);
    if (taken + wide > width) {
      return width === 0
        ? { shown: '', taken: 0 }
        : { shown: `${before.shown}…`, taken: before.taken + 1 };
    }
    shown += character;
    taken += wide;
    if (taken < width) before = { shown, taken };
  }
  return { shown, taken };
};

/** Cuts a text that is wider than that, with `…` at its end. */
export const cut = (text: string, width: number): string => begin(text, width).shown;

/**
 * Brings a text to a width in columns of a terminal: cuts it, with `…` at its end, or fills it up with
 * blanks. Wide characters take two columns, marks none.
 *
 * @param text - Without escape sequences.
 */
export const fit = (text: string, width: number, align: 'left' | 'right' = 'left'): string => {
  const { shown, taken } = begin(text, width);
  const blanks = ' '.repeat(Math.max(0, width - taken));
  return align === 'left' ? shown + blanks : blanks + shown;
};

/** Joins as many texts as fit in a width, with two blanks between. */
export const joinFitting = (texts: readonly string[], width: number): string => {
  let line = '';
  for (const text of texts) {
    const longer = line === '' ? text : `${line}  ${text}`;
    if (line !== '' && stringWidth(longer) > width) break;
    line = longer;
  }
  return fit(line, width);
};
