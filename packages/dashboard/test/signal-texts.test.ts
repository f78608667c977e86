import { describe, expect, it } from 'vitest';
import { rangeOf, sparklinePath } from '../src/views/signals/sparkline-path.ts';
import { suggestionsFor } from '../src/views/signals/suggestions.ts';

describe('a sparkline', () => {
  const samples = [
    { atMs: 0, value: 10 },
    { atMs: 100, value: 30 },
    { atMs: 400, value: 20 },
  ];

  it('goes by time from left to right, the greatest at the top', () => {
    const range = rangeOf(samples);
    expect(range).toEqual({ min: 10, max: 30 });
    expect(sparklinePath(samples, { min: 10, max: 30 }, 80, 20)).toBe(
      'M0.0 20.0L20.0 0.0L80.0 10.0',
    );
  });

  it('is a line in the middle of numbers that are all the same, or of one', () => {
    expect(rangeOf([])).toBeUndefined();
    expect(sparklinePath([{ atMs: 5, value: 7 }], { min: 7, max: 7 }, 80, 20)).toBe('M0 10H80');
    const same = [0, 10].map((atMs) => ({ atMs, value: 7 }));
    expect(sparklinePath(same, { min: 7, max: 7 }, 80, 20)).toBe('M0.0 10.0L80.0 10.0');
  });

  it('has numbers in it for the greatest that there are', () => {
    const [min, max] = [-Number.MAX_VALUE, Number.MAX_VALUE];
    const greatest = [min, max].map((value, atMs) => ({ atMs, value }));
    expect(sparklinePath(greatest, { min, max }, 80, 20)).toBe('M0.0 20.0L80.0 0.0');
  });
});

describe('suggestions', () => {
  const names = ['Kitchen::Heater::Power', 'Kitchen::Heater::Target', 'Cellar::Pump', 'news'];

  it('are names that hold what was typed, and patterns for several of them', () => {
    expect(suggestionsFor('heat', names)).toEqual([
      'Kitchen::Heater::**',
      'Kitchen::Heater::Power',
      'Kitchen::Heater::Target',
    ]);
    expect(suggestionsFor('', names)).toEqual(['Kitchen::**', 'Kitchen::Heater::**', ...names]);
    expect(suggestionsFor('nothing', names)).toEqual([]);
  });

  it('are not more than can be looked at', () => {
    const many = Array.from({ length: 1000 }, (_, index) => `a::${index % 100}::${index}`);
    expect(suggestionsFor('a', many)).toHaveLength(40);
  });
});
