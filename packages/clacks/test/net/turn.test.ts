import { describe, expect, it } from 'vitest';
import { Turn } from '../../src/net/turn.ts';

const spinFor = (ms: number): void => {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
};

/** How many lines of a turn are handled, each taking that long. */
const linesOfTurn = (turnMs: number, lineMs: number): number => {
  const turn = new Turn();
  turn.begin(turnMs);
  let lines = 0;
  while (!turn.spend()) {
    lines++;
    if (lines > 1_000_000) throw new Error('it does not end');
    spinFor(lineMs);
  }
  return lines;
};

describe('a turn', () => {
  it('is over after one line that takes longer than all of it', () => {
    expect(linesOfTurn(2, 5)).toBe(1);
  });

  it('goes on for many lines that take no time', () => {
    expect(linesOfTurn(5, 0)).toBeGreaterThan(1000);
  });

  it('is over soon when lines that take long follow many that do not', () => {
    const turn = new Turn();
    turn.begin(50);
    for (let line = 0; line < 500; line++) turn.spend();
    let long = 0;
    while (!turn.spend()) {
      long++;
      spinFor(1);
    }
    // It may look at the clock once in 64 lines by then, but not later.
    expect(long).toBeLessThan(130);
  });
});
