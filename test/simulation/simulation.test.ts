import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulateMixed } from './mixed.ts';
import { mixedScenario } from './mixed-scenario.ts';
import type { Sabotage } from './node.ts';
import { simulate } from './run.ts';
import { diskScenario, scenario } from './scenario.ts';
import { diskBugs, mixedBugs, seededBugs } from './seeded-bugs.ts';

const { CLACKS_SIMULATION_SEEDS = '2000', CLACKS_SIMULATION_SEED } = process.env;
const firstSeed = Number(CLACKS_SIMULATION_SEED ?? 1);
const seeds = CLACKS_SIMULATION_SEED === undefined ? Number(CLACKS_SIMULATION_SEEDS) : 1;
/** Trees with a node of Net::Clacks have less to go wrong. */
const mixedSeeds = Math.ceil(seeds / 4);

/** How long to look for a shorter history, in ms. */
const shrinkMs = 30_000;
/** In how many runs a seeded bug has to be found. */
const bugSeeds = 300;

/** What is run with a seed. */
interface Simulation<Scenario> {
  readonly scenario: fc.Arbitrary<Scenario>;
  readonly simulate: (scenario: Scenario, sabotage?: Sabotage) => void;
}

const ours = { scenario, simulate };
const onDisks = { scenario: diskScenario, simulate };
const mixed = { scenario: mixedScenario, simulate: simulateMixed };

/** Runs the scenario of a seed; the shortest one that fails likewise, if it does. */
const failureOf = <Scenario>(
  { scenario: scenarios, simulate: run }: Simulation<Scenario>,
  seed: number,
): string | undefined => {
  const property = fc.property(scenarios, (each) => {
    run(each);
  });
  const result = fc.check(property, { seed, numRuns: 1, interruptAfterTimeLimit: shrinkMs });
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
      expect(failureOf(ours, seed)).toBeUndefined();
    }
  });

  it(`with a node of Net::Clacks does so in ${mixedSeeds}`, { timeout: 0 }, () => {
    for (let seed = firstSeed; seed < firstSeed + mixedSeeds; seed++) {
      expect(failureOf(mixed, seed)).toBeUndefined();
    }
  });
});

describe('the simulation', () => {
  const finds = <Scenario>(
    { scenario: scenarios, simulate: run }: Simulation<Scenario>,
    sabotage: Sabotage,
  ): boolean => {
    const property = fc.property(scenarios, (each) => {
      run(each, sabotage);
    });
    for (let seed = 1; seed <= bugSeeds; seed++) {
      if (fc.check(property, { seed, numRuns: 1, endOnFailure: true }).failed) return true;
    }
    return false;
  };

  it.each(seededBugs)('finds a node that %s', (_what, sabotage) => {
    expect(finds(ours, sabotage)).toBe(true);
  });

  it.each(diskBugs)('finds a node with a disk that %s', (_what, sabotage) => {
    expect(finds(onDisks, sabotage)).toBe(true);
  });

  it.each(mixedBugs)('finds a node beside one of Net::Clacks that %s', (_what, sabotage) => {
    expect(finds(mixed, sabotage)).toBe(true);
  });
});
