import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulate } from './run.ts';
import { scenario } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { seededBugs } from './seeded-bugs.ts';

const { CLACKS_SIMULATION_SEEDS = '2000', CLACKS_SIMULATION_SEED } = process.env;
const firstSeed = Number(CLACKS_SIMULATION_SEED ?? 1);
const seeds = CLACKS_SIMULATION_SEED === undefined ? Number(CLACKS_SIMULATION_SEEDS) : 1;

/** How long to look for a shorter history, in ms. */
const shrinkMs = 30_000;
/** In how many runs a seeded bug has to be found. */
const bugSeeds = 300;

/** Runs the scenario of a seed; the shortest one that fails likewise, if it does. */
const failureOf = (seed: number): string | undefined => {
  const run = (each: Scenario): void => {
    simulate(each);
  };
  const result = fc.check(fc.property(scenario, run), {
    seed,
    numRuns: 1,
    interruptAfterTimeLimit: shrinkMs,
  });
  if (!result.failed) return undefined;
  const [shortest] = result.counterexample ?? [];
  const { message = '' } = (result.errorInstance ?? {}) as Partial<Error>;
  return [
    `seed ${seed}: ${message}`,
    `npm run simulate -- --seed ${seed}`,
    `shortest history found: ${JSON.stringify(shortest)}`,
  ].join('\n');
};

describe('a simulated tree', () => {
  it(`holds together in ${seeds} runs`, { timeout: 0 }, () => {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      expect(failureOf(seed)).toBeUndefined();
    }
  });
});

describe('the simulation', () => {
  it.each(seededBugs)('finds a node that %s', (_what, sabotage) => {
    const run = (each: Scenario): void => {
      simulate(each, sabotage);
    };
    let failed = false;
    for (let seed = 1; seed <= bugSeeds && !failed; seed++) {
      const options = { seed, numRuns: 1, endOnFailure: true };
      ({ failed } = fc.check(fc.property(scenario, run), options));
    }
    expect(failed).toBe(true);
  });
});
