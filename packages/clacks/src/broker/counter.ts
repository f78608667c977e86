import { formatNumber, increment } from '@clacks/protocol';
import type { Stamped } from './stamp.ts';

/** What one run of one node has added to a counter. */
export interface CounterPart {
  /** The node's name for this run of it, with a number after it if it has forgotten counters. */
  readonly nodeId: string;
  /** How many steps these are: of two copies of a part, the one with more is the newer. */
  steps: number;
  /** Their sum. */
  sum: number;
}

/**
 * A value that is counted up and down on several nodes (protocol 9): what it started from, and each
 * node's own steps since. Two copies can be put together without losing a step: a positive-negative
 * counter, as replicated data types have it.
 */
export interface Counter {
  /** When the value was written that it starts from, or taken away, or the cache emptied. */
  base: Stamped;
  /** That value; `undefined` if there was none. */
  readonly baseValue: string | undefined;
  /** In the order of the node ids. */
  readonly parts: CounterPart[];
}

/** All steps together. */
export const totalOf = ({ parts }: Counter): number => {
  let total = 0;
  for (const { sum } of parts) total += sum;
  return total;
};

/** Whether steps of some node are kept apart that sum up to no whole number. */
export const hasFractions = ({ parts }: Counter): boolean =>
  parts.some(({ sum }) => !Number.isInteger(sum));

/** The counter as a value: the same on every node that has the same parts. */
export const counterValue = (counter: Counter): string => {
  const total = totalOf(counter);
  // Adding 0 turns -0 into 0.
  if (counter.baseValue === undefined && Number.isSafeInteger(total)) return String(total + 0);
  const step = Number.isSafeInteger(total) ? String(total) : formatNumber(total);
  return increment(counter.baseValue, step);
};

const insert = ({ parts }: Counter, part: CounterPart): void => {
  const index = parts.findIndex(({ nodeId }) => nodeId > part.nodeId);
  parts.splice(index === -1 ? parts.length : index, 0, part);
};

/** The part of a node. */
export const partOf = ({ parts }: Counter, nodeId: string): CounterPart | undefined => {
  // Nearly always there is but one. A loop makes no function and no string for each step.
  for (const part of parts) {
    const id = part.nodeId;
    if (id === nodeId || (id.startsWith(nodeId) && id[nodeId.length] === '.')) return part;
  }
  return undefined;
};

/** What a part of a node is called that begins now; see {@link addStep}. */
export const partIdOf = (nodeId: string, forgotten: number): string =>
  forgotten === 0 ? nodeId : `${nodeId}.${forgotten}`;

/**
 * Adds a step of a node.
 *
 * @param forgotten - How many counters the node has forgotten. A part that begins anew must not be
 * taken for the one that others still know.
 */
export const addStep = (
  counter: Counter,
  nodeId: string,
  forgotten: number,
  step: number,
): void => {
  const part = partOf(counter, nodeId);
  if (part === undefined) {
    insert(counter, { nodeId: partIdOf(nodeId, forgotten), steps: 1, sum: step });
    return;
  }
  part.steps++;
  part.sum += step;
};

/**
 * Adds what another copy of a counter has more.
 *
 * @returns Whether there was anything.
 */
export const mergeCounters = (own: Counter, theirs: Counter): boolean => {
  let isChanged = false;
  for (const { nodeId, steps, sum } of theirs.parts) {
    const known = own.parts.find((part) => part.nodeId === nodeId);
    if (known !== undefined && known.steps >= steps) continue;
    isChanged = true;
    if (known === undefined) insert(own, { nodeId, steps, sum });
    else Object.assign(known, { steps, sum });
  }
  return isChanged;
};

const isExact = (sum: number): boolean =>
  Number.isSafeInteger(sum) || (!Number.isInteger(sum) && Number.isFinite(sum));

/**
 * Whether a step can be kept apart by node: large numbers are summed up exactly, as the protocol has
 * it, but not kept apart.
 *
 * @param countsFractions - Whether steps that are no whole numbers are kept apart as well.
 */
export const canCount = (step: number, total: number, countsFractions: boolean): boolean =>
  (Number.isSafeInteger(step) && Number.isSafeInteger(total)) ||
  (countsFractions && isExact(step) && isExact(total));
