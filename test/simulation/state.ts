import { accessTimeOf, stampOf } from '../../packages/clacks/src/broker/entry.ts';
import type { CacheEntry } from '../../packages/clacks/src/broker/entry.ts';
import { SlaveLink } from '../../packages/clacks/src/link/slave-link.ts';
import type { SimulatedNode } from './node.ts';

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

/** All that a node knows and others have to know, too. */
export const stateOf = ({ broker: { cache } }: SimulatedNode): string[] => {
  const { cleared, originUs } = cache;
  const entries = [...cache.entries()].map((entry) => describeEntry(entry, originUs)).sort();
  return [`cleared at ${cleared.timeUs + originUs} of ${cleared.stampUs}`, ...entries];
};

/** Only values. */
export const valuesOf = ({ broker: { cache } }: SimulatedNode): string[] =>
  cache.keys().map((name) => `${name}=${cache.entry(name)?.value}`);

/** All nodes have the same. */
export const checkEqual = (
  nodes: readonly SimulatedNode[],
  of: (node: SimulatedNode) => string[],
): void => {
  const [first, ...others] = nodes.map((node) => ({ id: node.id, lines: of(node) }));
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
