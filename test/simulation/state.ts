import { accessTimeOf, stampOf } from '../../packages/clacks/src/broker/entry.ts';
import type { CacheEntry } from '../../packages/clacks/src/broker/entry.ts';
import { SlaveLink } from '../../packages/clacks/src/link/slave-link.ts';
import type { SimulatedDisk } from './disk.ts';
import type { SimulatedNode } from './node.ts';

/** A clock that differs by so much is kept anew, in ms. */
const keptDriftMs = 1000;

/** What all nodes have to know of an entry. When it was last read is each node's own business. */
const describeEntry = (entry: CacheEntry, originUs: number): string => {
  const { name, value, cacheTimeUs, counter } = entry;
  if (!Number.isFinite(accessTimeOf(entry))) throw new Error(`${name} was never used`);
  const what = `${name}=${value} at ${cacheTimeUs + originUs} of ${stampOf(entry)}`;
  if (counter === undefined) return what;
  const { base, baseValue, parts } = counter;
  const steps = parts.map(({ nodeId, steps, sum }) => `${nodeId}:${steps}:${sum}`);
  const from = `${baseValue} at ${base.timeUs + originUs} of ${base.stampUs}`;
  // When a counter was last counted stands beside it, not in a stamp.
  return `${name}=${value} at ${cacheTimeUs + originUs} from ${from} by ${steps.join()}`;
};

/** A cache, or what a disk holds of one. */
type Stated = Pick<SimulatedDisk, 'cleared' | 'originUs' | 'entries'>;

const describeCache = (cache: Stated): string[] => {
  const { cleared, originUs } = cache;
  const entries = [...cache.entries()].map((entry) => describeEntry(entry, originUs)).sort();
  return [`cleared at ${cleared.timeUs + originUs} of ${cleared.stampUs}`, ...entries];
};

/** All that a node knows and others have to know, too. */
export const stateOf = ({ broker: { cache } }: SimulatedNode): string[] => describeCache(cache);

/** Only values. */
export const valuesOf = ({ broker: { cache } }: SimulatedNode): string[] =>
  cache.keys().map((name) => `${name}=${cache.entry(name)?.value}`);

/** What somebody has. */
interface Having {
  readonly id: string;
  readonly lines: readonly string[];
}

/** All nodes have the same. */
export const checkEqual = (
  nodes: readonly SimulatedNode[],
  of: (node: SimulatedNode) => string[],
): void => {
  checkSame(nodes.map((node) => ({ id: node.id, lines: of(node) })));
};

/** A disk holds what its node has, and the node goes by the clock that it was kept by. */
export const checkKept = (node: SimulatedNode, disk: SimulatedDisk): void => {
  const { id, broker } = node;
  checkSame([
    { id, lines: [...describeCache(broker.cache), `by ${broker.clock}`] },
    { id: 'its disk', lines: [...describeCache(disk), `by ${disk.context?.clock}`] },
  ]);
  const driftMs = Math.abs(broker.clockOffsetMs - (disk.context?.clockOffsetMs ?? 0));
  if (driftMs > keptDriftMs) throw new Error(`${id} has another clock by ${driftMs} ms`);
};

const checkSame = ([first, ...others]: readonly Having[]): void => {
  for (const other of others) {
    const differing = (first?.lines ?? []).findIndex((line, index) => line !== other.lines[index]);
    if (differing === -1 && other.lines.length === first?.lines.length) continue;
    const [index] = [differing === -1 ? (first?.lines.length ?? 0) : differing];
    const [one, two] = [first?.lines[index], other.lines[index]].map((line) => line?.slice(0, 300));
    throw new Error(`${first?.id} and ${other.id} differ:\n${one}\n${two}`);
  }
};

/** A slave that has linked anew has one link. */
export const checkSlaves = ({ id, broker }: SimulatedNode): void => {
  const slaves = new Set<string>();
  for (const { link, state } of broker.sessions.values()) {
    if (!(link instanceof SlaveLink) || state.kind === 'closing') continue;
    const { nodeId } = link.peer;
    if (nodeId === undefined) continue;
    if (slaves.has(nodeId)) throw new Error(`${id} has two links to ${nodeId}`);
    slaves.add(nodeId);
  }
};
