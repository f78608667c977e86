import type { JSX } from 'preact';

/** Control characters have pictures from here on, but DEL. */
const picturesFrom = 0x24_00;
const pictureOfDel = '\u2421';

/** A text with pictures in place of its control characters, which nobody could see. */
export const visibleText = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- those it is about
  text.replaceAll(/[\u0000-\u001f\u007f]/gu, (character) =>
    character === '\u007f'
      ? pictureOfDel
      : String.fromCharCode(picturesFrom + character.charCodeAt(0)),
  );

/**
 * A text of somebody else's: it is shown whole as a tip, and cannot turn the direction of what
 * stands beside it.
 */
export const Visible = ({ text }: { readonly text: string }): JSX.Element => {
  const shown = visibleText(text);
  return <bdi title={shown}>{shown}</bdi>;
};
