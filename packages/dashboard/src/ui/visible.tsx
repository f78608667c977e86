import type { JSX } from 'preact';
import { visibleText } from './visible-text.ts';

/**
 * A text of somebody else's, every character of which can be seen: whole as a tip, and apart from
 * the direction of what stands beside it.
 */
export const Visible = ({ text }: { readonly text: string }): JSX.Element => {
  const shown = visibleText(text);
  return <bdi title={shown}>{shown}</bdi>;
};
