import fc from 'fast-check';

/** Something that happens to the tree. Nodes are numbered; a node's edge is the one to its master. */
export type Action =
  | { readonly kind: 'store'; readonly node: number; readonly key: number }
  | { readonly kind: 'remove'; readonly node: number; readonly key: number }
  | { readonly kind: 'count'; readonly node: number; readonly key: number; readonly step: number }
  | { readonly kind: 'signal'; readonly node: number }
  | { readonly kind: 'denied'; readonly node: number; readonly key: number }
  | { readonly kind: 'clear'; readonly node: number }
  | { readonly kind: 'cut'; readonly node: number; readonly forMs: number }
  | { readonly kind: 'silence'; readonly node: number; readonly forMs: number }
  | { readonly kind: 'restart'; readonly node: number; readonly forMs: number }
  | { readonly kind: 'pause'; readonly forMs: number };

/** A tree, its network, and what happens. */
export interface Scenario {
  /** The master of each node but the first, as its number modulo how many come before it. */
  readonly masters: readonly number[];
  /** How far each node's clock is ahead, in ms. */
  readonly skewsMs: readonly number[];
  readonly maxDelayMs: number;
  readonly seed: number;
  readonly actions: readonly { readonly afterMs: number; readonly action: Action }[];
}

const node = fc.nat(6);
const key = fc.nat(4);
const forMs = fc.integer({ min: 1, max: 8000 });

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 80, arbitrary: fc.record({ kind: fc.constant('store' as const), node, key }) },
  { weight: 30, arbitrary: fc.record({ kind: fc.constant('remove' as const), node, key }) },
  {
    weight: 80,
    arbitrary: fc.record({
      kind: fc.constant('count' as const),
      node,
      key: fc.nat(1),
      step: fc.integer({ min: -9, max: 9 }),
    }),
  },
  { weight: 60, arbitrary: fc.record({ kind: fc.constant('signal' as const), node }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('denied' as const), node, key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const), node }) },
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('cut' as const), node, forMs }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('silence' as const), node, forMs }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('restart' as const), node, forMs }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('pause' as const), forMs }) },
);

/** Scenarios of 2 to 7 nodes. */
export const scenario: fc.Arbitrary<Scenario> = fc.noBias(
  fc.record({
    masters: fc.array(fc.nat(5), { minLength: 1, maxLength: 6 }),
    skewsMs: fc.array(fc.integer({ min: -3_600_000, max: 3_600_000 }), {
      minLength: 7,
      maxLength: 7,
    }),
    maxDelayMs: fc.integer({ min: 1, max: 60 }),
    seed: fc.nat(),
    actions: fc.array(fc.record({ afterMs: fc.oneof(fc.nat(5), fc.nat(300)), action }), {
      minLength: 1,
      maxLength: 60,
      size: 'max',
    }),
  }),
);
