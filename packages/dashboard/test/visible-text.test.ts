import { expect, it } from 'vitest';
import { visibleText } from '../src/ui/visible-text.ts';

it('shows characters that nobody would see, and leaves all others alone', () => {
  expect(visibleText('a\tb\u0000\u007f')).toBe('a␉b␀␡');
  expect(visibleText('\u202Eabc\u200b\u0085')).toBe('⟨202E⟩abc⟨200B⟩⟨0085⟩');
  expect(visibleText('日本語 grün 👩‍👩‍👧 ❤️')).toBe('日本語 grün 👩‍👩‍👧 ❤️');
});
