import fc from 'fast-check';

/** What a client does at a node. */
export type Deed =
  | { readonly kind: 'store'; readonly node: number; readonly name: string }
  | { readonly kind: 'setAndStore'; readonly node: number }
  | { readonly kind: 'remove'; readonly node: number; readonly name: string }
  | { readonly kind: 'count'; readonly node: number; readonly name: string; readonly step: number }
  | { readonly kind: 'retrieve'; readonly node: number; readonly name: string }
  | { readonly kind: 'signal'; readonly node: number; readonly verb: 'SET' | 'NOTIFY' | 'OVERHEAD' }
  | { readonly kind: 'denied'; readonly node: number; readonly name: string }
  | { readonly kind: 'hostile'; readonly node: number }
  | { readonly kind: 'clear'; readonly node: number }
  | { readonly kind: 'flush'; readonly node: number; readonly who: 'writer' | 'manager' };

/** Something that happens to the tree. Nodes are numbered; a node's edge is the one to its master. */
export type Action =
  | Deed
  | { readonly kind: 'cut'; readonly node: number; readonly forMs: number }
  | { readonly kind: 'silence'; readonly node: number; readonly forMs: number }
  /** Only the slave notices that the link is gone, and makes a new one. */
  | { readonly kind: 'halve'; readonly node: number; readonly forMs: number }
  /** The next link breaks while the node is locked. */
  | { readonly kind: 'relock'; readonly node: number; readonly how: 'cut' | 'silence' }
  /** It crashes. */
  | { readonly kind: 'restart'; readonly node: number; readonly forMs: number }
  /** It counts, crashes, and counts on before it hears what of that others know. */
  | {
      readonly kind: 'recount';
      readonly node: number;
      readonly name: string;
      readonly step: number;
      readonly forMs: number;
    }
  /** It is cut off from all others, writes, is asked to flush that, and crashes soon. */
  | {
      readonly kind: 'flushAlone';
      readonly deed: Deed;
      readonly waitMs: number;
      readonly forMs: number;
    }
  /** It is stopped in order. */
  | { readonly kind: 'stop'; readonly node: number; readonly forMs: number }
  /** Its disk is full. */
  | { readonly kind: 'fill'; readonly node: number; readonly forMs: number }
  | { readonly kind: 'step'; readonly node: number; readonly byMs: number }
  | { readonly kind: 'pause'; readonly forMs: number }
  /** All is mended, and nothing is on its way any more. */
  | { readonly kind: 'settle' };

/** A tree, its network, and what happens. */
export interface Scenario {
  /** The master of each node but the first, as its number modulo how many come before it. */
  readonly masters: readonly number[];
  /** How far each node's clock is ahead, in ms. */
  readonly skewsMs: readonly number[];
  /** How much each node's clock gains, in ms in 1000 s. */
  readonly drifts: readonly number[];
  readonly maxDelayMs: number;
  readonly traffic: {
    /** What a connection carries. */
    readonly bytesPerMs: number;
    /** How long values are. With long ones, a synchronisation takes its time. */
    readonly valueBytes: number;
  };
  readonly sync: 'merge' | 'replace';
  /** How long nodes keep what, in ms; 0 = for ever. */
  readonly keeps: { readonly deletedMs: number; readonly staleMs: number };
  /** Which nodes keep their cache on a disk. */
  readonly disks: readonly boolean[];
  readonly seed: number;
  readonly actions: readonly { readonly afterMs: number; readonly action: Action }[];
}

const node = fc.nat(6);
const forMs = fc.integer({ min: 1, max: 8000 });
const is = <Kind extends string>(kind: Kind): fc.Arbitrary<Kind> => fc.constant(kind);

const plainName = fc.constantFrom('k0', 'k1', 'k2', 'k3', 'k4');
const counterName = fc.constantFrom('c0', 'c1');
/** Names that only INCREMENT, DECREMENT and REMOVE can tell from a name and a value. */
const oddName = fc.constantFrom('c=0', 'c%3D=%');
const storedName = fc.oneof(
  { weight: 8, arbitrary: plainName },
  { weight: 1, arbitrary: counterName },
);
const countedName = fc.oneof(
  { weight: 6, arbitrary: counterName },
  { weight: 1, arbitrary: oddName },
);
const anyName = fc.oneof(
  { weight: 8, arbitrary: plainName },
  { weight: 2, arbitrary: counterName },
  { weight: 1, arbitrary: oddName },
);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -9, max: 9 }) },
  { weight: 1, arbitrary: fc.integer({ min: -9, max: 9 }).map((whole) => whole + 0.5) },
);
const verb = fc.constantFrom('SET' as const, 'NOTIFY' as const, 'OVERHEAD' as const);
const how = fc.constantFrom('cut' as const, 'silence' as const);
const byMs = fc.integer({ min: -5000, max: 5000 });
const who = fc.constantFrom('writer' as const, 'writer' as const, 'manager' as const);

const written: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: is('store'), node, name: storedName }) },
  { weight: 4, arbitrary: fc.record({ kind: is('count'), node, name: countedName, step }) },
  { weight: 2, arbitrary: fc.record({ kind: is('remove'), node, name: anyName }) },
  { weight: 1, arbitrary: fc.record({ kind: is('clear'), node }) },
);

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 80, arbitrary: fc.record({ kind: is('store'), node, name: storedName }) },
  { weight: 10, arbitrary: fc.record({ kind: is('setAndStore'), node }) },
  { weight: 25, arbitrary: fc.record({ kind: is('remove'), node, name: anyName }) },
  { weight: 80, arbitrary: fc.record({ kind: is('count'), node, name: countedName, step }) },
  { weight: 5, arbitrary: fc.record({ kind: is('retrieve'), node, name: anyName }) },
  { weight: 60, arbitrary: fc.record({ kind: is('signal'), node, verb }) },
  { weight: 10, arbitrary: fc.record({ kind: is('denied'), node, name: anyName }) },
  { weight: 6, arbitrary: fc.record({ kind: is('hostile'), node }) },
  { weight: 5, arbitrary: fc.record({ kind: is('clear'), node }) },
  { weight: 20, arbitrary: fc.record({ kind: is('flush'), node, who }) },
  { weight: 20, arbitrary: fc.record({ kind: is('cut'), node, forMs }) },
  { weight: 10, arbitrary: fc.record({ kind: is('silence'), node, forMs }) },
  { weight: 8, arbitrary: fc.record({ kind: is('halve'), node, forMs: fc.nat(1000) }) },
  { weight: 5, arbitrary: fc.record({ kind: is('relock'), node, how }) },
  { weight: 12, arbitrary: fc.record({ kind: is('restart'), node, forMs }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: is('recount'),
      node,
      name: counterName,
      step,
      forMs: fc.integer({ min: 1, max: 500 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: is('flushAlone'),
      deed: written,
      waitMs: fc.nat(450),
      forMs: fc.integer({ min: 1, max: 2000 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: is('stop'), node, forMs }) },
  { weight: 4, arbitrary: fc.record({ kind: is('fill'), node, forMs }) },
  { weight: 4, arbitrary: fc.record({ kind: is('step'), node, byMs }) },
  { weight: 10, arbitrary: fc.record({ kind: is('pause'), forMs }) },
  { weight: 4, arbitrary: fc.record({ kind: is('settle') }) },
);

const traffic = fc.oneof(
  { weight: 20, arbitrary: fc.constant({ bytesPerMs: 1e6, valueBytes: 0 }) },
  {
    weight: 7,
    arbitrary: fc.record({
      bytesPerMs: fc.integer({ min: 20, max: 200 }),
      valueBytes: fc.constant(0),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      bytesPerMs: fc.integer({ min: 2000, max: 4000 }),
      valueBytes: fc.constant(150_000),
    }),
  },
);

const keeps = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ deletedMs: 0, staleMs: 0 }) },
  {
    weight: 1,
    arbitrary: fc.record({
      deletedMs: fc.integer({ min: 2000, max: 6000 }),
      staleMs: fc.integer({ min: 6000, max: 12_000 }),
    }),
  },
);

const sync = fc.oneof(
  { weight: 6, arbitrary: fc.constant('merge' as const) },
  { weight: 1, arbitrary: fc.constant('replace' as const) },
);

const forEachNode = (min: number, max: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min, max }), { minLength: 7, maxLength: 7 });

const forEach = (has: fc.Arbitrary<boolean>): fc.Arbitrary<boolean[]> =>
  fc.array(has, { minLength: 7, maxLength: 7 });
const noDisks = forEach(fc.constant(false));
const someDisks = fc.oneof(forEach(fc.constant(true)), forEach(fc.boolean()));

const scenarioWith = (disks: fc.Arbitrary<readonly boolean[]>): fc.Arbitrary<Scenario> =>
  fc.noBias(
    fc.record({
      masters: fc.array(fc.nat(5), { minLength: 1, maxLength: 6 }),
      skewsMs: forEachNode(-3_600_000, 3_600_000),
      drifts: fc.oneof(forEachNode(0, 0), forEachNode(-200, 200)),
      maxDelayMs: fc.integer({ min: 1, max: 60 }),
      traffic,
      sync,
      keeps,
      disks,
      seed: fc.nat(),
      actions: fc.array(fc.record({ afterMs: fc.oneof(fc.nat(5), fc.nat(300)), action }), {
        minLength: 1,
        maxLength: 60,
        size: 'max',
      }),
    }),
  );

/** Scenarios of 2 to 7 nodes, some with disks. */
export const scenario: fc.Arbitrary<Scenario> = scenarioWith(
  fc.oneof({ weight: 2, arbitrary: noDisks }, { weight: 1, arbitrary: someDisks }),
);

/** Those with disks. */
export const diskScenario: fc.Arbitrary<Scenario> = scenarioWith(someDisks);
