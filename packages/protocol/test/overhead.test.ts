import { forwardedFlags, hasFlag, overheadFlag } from '@clacks/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wireLine } from './arbitraries.ts';

describe('the flags of a forwarded message', () => {
  it.each([
    ['GNU', 'GN'],
    ['UNG', 'GN'],
    ['NGGNU', 'GN'],
    ['UZ', 'Z'],
    ['', 'Z'],
    ['xyz!', 'Z'],
    ['gn', 'Z'],
    ['ZTSONMLIGFEDCAU', 'ACDEFGILMNOST'],
  ])('are in alphabetical order, without U and Z: %s', (flags, forwarded) => {
    expect(forwardedFlags(flags)).toBe(forwarded);
  });

  it('stay as they are once they were forwarded', () => {
    fc.assert(
      fc.property(wireLine, (flags) => {
        const once = forwardedFlags(flags);
        expect(forwardedFlags(once)).toBe(once);
        expect(
          Array.from(once)
            .sort((left, right) => (left < right ? -1 : 1))
            .join(''),
        ).toBe(once);
        for (const flag of Object.values(overheadFlag)) {
          const stays = hasFlag(flags, flag) && flag !== 'U' && flag !== 'Z';
          if (flag !== 'Z') expect(hasFlag(once, flag)).toBe(stays);
        }
      }),
    );
  });
});
