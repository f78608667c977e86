import fc from 'fast-check';

const verbs = ['STORE', 'REMOVE', 'INCREMENT', 'DECREMENT', 'SETANDSTORE', 'SET'] as const;

/** Something that happens to the tree; all is quiet before the next thing does. */
export type MixedAction =
  | { readonly verb: (typeof verbs)[number]; readonly node: number; readonly name: number }
  /** All that is stored on one node is forgotten on all. */
  | { readonly verb: 'CLEARCACHE'; readonly node: number }
  | { readonly verb: 'cut' | 'silence'; readonly writes: readonly MixedWrite[] };

/** A write while the node of Net::Clacks is cut off. */
export interface MixedWrite {
  readonly verb: 'STORE' | 'REMOVE' | 'INCREMENT';
  readonly node: number;
  readonly name: number;
}

/** Two of our nodes, and one of Net::Clacks: above them, or below one of them. */
export interface MixedScenario {
  readonly perl: 'root' | 'below the root' | 'below the slave';
  readonly skewsMs: readonly number[];
  readonly maxDelayMs: number;
  readonly seed: number;
  readonly actions: readonly MixedAction[];
}

const node = fc.nat(2);
const name = fc.nat(2);
const write = fc.record({
  verb: fc.constantFrom('STORE' as const, 'REMOVE' as const, 'INCREMENT' as const),
  node,
  name,
});

/** Scenarios of trees of both kinds of nodes. */
export const mixedScenario: fc.Arbitrary<MixedScenario> = fc.noBias(
  fc.record({
    perl: fc.constantFrom('root' as const, 'below the root' as const, 'below the slave' as const),
    skewsMs: fc.array(fc.integer({ min: -3_600_000, max: 3_600_000 }), {
      minLength: 3,
      maxLength: 3,
    }),
    maxDelayMs: fc.integer({ min: 1, max: 60 }),
    seed: fc.nat(),
    actions: fc.array(
      fc.oneof(
        { weight: 10, arbitrary: fc.record({ verb: fc.constantFrom(...verbs), node, name }) },
        { weight: 1, arbitrary: fc.record({ verb: fc.constant('CLEARCACHE' as const), node }) },
        {
          weight: 2,
          arbitrary: fc.record({
            verb: fc.constantFrom('cut' as const, 'silence' as const),
            writes: fc.array(write, { maxLength: 4 }),
          }),
        },
      ),
      { minLength: 1, maxLength: 25, size: 'max' },
    ),
  }),
);
