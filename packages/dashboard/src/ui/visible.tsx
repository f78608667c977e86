import type { JSX } from 'preact';

/** Control characters have pictures from here on, but DEL. */
const picturesFrom = 0x24_00;
const pictureOfDel = '\u2421';

/** They turn the direction of what follows them. */
const directions = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text in which control characters, which nobody could see, have pictures or numbers in their place. */
export const visibleText = (text: string): string =>
  text
    // eslint-disable-next-line no-control-regex -- those it is about
    .replaceAll(/[\u0000-\u001f\u007f]/gu, (character) =>
      character === '\u007f'
        ? pictureOfDel
        : String.fromCharCode(picturesFrom + character.charCodeAt(0)),
    )
    .replaceAll(
      directions,
      (character) => `\u2039${character.charCodeAt(0).toString(16).toUpperCase()}\u203a`,
    );

/**
 * A text of somebody else's: it is shown whole as a tip, and cannot turn the direction of what
 * stands beside it.
 */
export const Visible = ({ text }: { readonly text: string }): JSX.Element => {
  const shown = visibleText(text);
  return <bdi title={shown}>{shown}</bdi>;
};
