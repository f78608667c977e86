/** Characters that are not seen, or that turn those around them. */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu;

/** They are part of pictures made of several: families, flags. */
const joiners = new Set(['\u200d', '\u200c', '\ufe0f']);

const shown = (character: string): string => {
  if (joiners.has(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `⟨${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
};

/**
 * A text in one line in which every character can be seen: what others chose must not look like
 * something else. Control characters become their pictures (␉), others their code (⟨202E⟩).
 */
export const visibleText = (text: string): string => text.replace(hidden, shown);
