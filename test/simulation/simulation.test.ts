import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SimulatedNode, Sabotage } from './node.ts';
import { simulate } from './run.ts';
import { scenario } from './scenario.ts';
import type { Scenario } from './scenario.ts';

const { CLACKS_SIMULATION_SEEDS = '2000', CLACKS_SIMULATION_SEED } = process.env;
const firstSeed = Number(CLACKS_SIMULATION_SEED ?? 1);
const seeds = CLACKS_SIMULATION_SEED === undefined ? Number(CLACKS_SIMULATION_SEEDS) : 1;

/** How long to look for a shorter history, in ms. */
const shrinkMs = 30_000;

/** Runs the scenario of a seed; the shortest one that fails likewise, if it does. */
const failureOf = (seed: number, run: (each: Scenario) => void): string | undefined => {
  const result = fc.check(
    fc.property(scenario, (each) => {
      run(each);
    }),
    {
      seed,
      numRuns: 1,
      interruptAfterTimeLimit: shrinkMs,
    },
  );
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
      const failure = failureOf(seed, simulate);
      expect(failure).toBeUndefined();
    }
  });
});

describe('the simulation', () => {
  const findsBug = (sabotage: Sabotage): boolean => {
    const run = (each: Scenario): void => {
      simulate(each, sabotage);
    };
    for (let seed = 1; seed <= 200; seed++) {
      const result = fc.check(fc.property(scenario, run), { seed, numRuns: 1, endOnFailure: true });
      if (result.failed) return true;
    }
    return false;
  };

  it('finds a node that takes an older entry for a newer one', () => {
    const takesAnything = ({ broker: { cache } }: SimulatedNode): void => {
      const merge = cache.merge.bind(cache);
      cache.merge = (theirs) =>
        merge(theirs, (own, entry) => {
          if (own.cacheTimeUs === entry.cacheTimeUs) return 'known';
          Object.assign(own, entry);
          return 'replaced';
        });
    };
    expect(findsBug(takesAnything)).toBe(true);
  });
});
