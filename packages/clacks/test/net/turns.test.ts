import { describe, expect, it } from 'vitest';
import { Turns } from '../../src/net/turns.ts';

const spinFor = (ms: number): void => {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
};

const nextTurnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const many = 64 * 1024;

describe('turns', () => {
  it('let what comes in begin until a round is used up, and those with little always', async () => {
    const turns = new Turns();
    spinFor(2);
    expect(turns.mayBegin(many)).toBe(true);
    spinFor(11);
    expect(turns.mayBegin(many)).toBe(false);
    expect(turns.mayBegin(100)).toBe(true);
    await nextTurnOfTheLoop();
    expect(turns.mayBegin(many)).toBe(true);
  });

  it('find out about a round of many that take hardly any time each', () => {
    const turns = new Turns();
    let begun = 0;
    while (turns.mayBegin(many) && begun < 1000) {
      begun++;
      spinFor(0.5);
    }
    expect(begun).toBeLessThan(100);
  });

  it('alternate between those with something new and those who have had one', async () => {
    const turns = new Turns();
    const order: string[] = [];
    const worker = (name: string) => ({
      takeTurn: () => {
        order.push(name);
      },
    });
    for (const name of ['again 1', 'again 2']) turns.waitAgain(worker(name));
    for (const name of ['new 1', 'new 2', 'new 3']) turns.wait(worker(name));
    // More than one, if something else takes the time of a round.
    while (order.length < 5) await nextTurnOfTheLoop();
    expect(order).toEqual(['new 1', 'again 1', 'new 2', 'again 2', 'new 3']);
  });

  it('stop after a round, and go on where they stopped', async () => {
    const turns = new Turns();
    const order: number[] = [];
    for (let number = 0; number < 4; number++) {
      turns.wait({
        takeTurn: () => {
          order.push(number);
          spinFor(11);
        },
      });
    }
    for (const done of [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3]]) {
      await nextTurnOfTheLoop();
      expect(order).toEqual(done);
    }
  });

  it('are the shorter the more wait, but never too short for a line', () => {
    const turns = new Turns();
    const alone = turns.turnMs;
    for (let number = 0; number < 10; number++) turns.wait({ takeTurn: () => undefined });
    const among10 = turns.turnMs;
    for (let number = 0; number < 10_000; number++) turns.wait({ takeTurn: () => undefined });
    expect(alone).toBe(10);
    expect(among10).toBeLessThan(5);
    expect(turns.turnMs).toBeGreaterThan(0.1);
  });
});
