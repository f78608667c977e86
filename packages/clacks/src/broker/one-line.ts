import { wireFromText } from '@clacks/protocol';

/** What the system says, as a part of a line. */
export const inOneLine = (text: string): string => wireFromText(text.replaceAll(/[\r\n]+/gu, ' '));
