import { formatTime } from '@clacks/protocol';
import type { KeysyncCommand } from '@clacks/protocol';
import { counterValue } from '../broker/counter.ts';
import type { Counter, CounterPart } from '../broker/counter.ts';
import { neverUs } from '../broker/cache.ts';
import { detach } from '../broker/detach.ts';
import { accessTimeOf, secondsAfter } from '../broker/entry.ts';
import type { CacheEntry } from '../broker/entry.ts';

const microsPerSecond = 1_000_000;

/** Whole µs of the seconds that a line tells. */
const microsOf = (seconds: number): number => Math.round(seconds * microsPerSecond);

/** Beyond the year 2106 µs are not told apart: nobody means such a time. */
const isTime = (timeUs: number): boolean => timeUs >= 0 && timeUs < 2 ** 32 * microsPerSecond;

/** A time in µs as it is sent. What was before everything was in 1970. */
export const formatMicros = (timeUs: number): string =>
  formatTime(Math.max(0, timeUs) / microsPerSecond);

/** The µs of a time that was sent alone; `undefined` if it is none. */
export const parseMicros = (text: string): number | undefined => {
  const timeUs = microsOf(Number(text));
  return isTime(timeUs) ? timeUs : undefined;
};

/**
 * A counter as the value of a KEYSYNC of mode C: when what it counts on from was written, whether
 * that is a value (U) or none (D), the steps of each node, and that value.
 */
const formatCounter = ({ baseTimeUs, baseValue, parts }: Counter, originUs: number): string => {
  const mode = baseValue === undefined ? 'D' : 'U';
  const list = parts.map(({ nodeId, steps, sum }) => `${nodeId}:${steps}:${sum}`).join(',');
  return `${formatMicros(baseTimeUs + originUs)} ${mode} ${list} ${baseValue ?? ''}`;
};

/**
 * The KEYSYNC line of an entry.
 *
 * @param originUs - What its times count from.
 * @param withCounters - Whether the other node knows counters: one of ours does.
 */
export const formatEntry = (entry: CacheEntry, originUs: number, withCounters: boolean): string => {
  const { name, value, counter } = entry;
  const cacheTime = formatMicros(entry.cacheTimeUs + originUs);
  if (value === undefined) return `KEYSYNC ${cacheTime} 0 D ${name}=REMOVED`;
  const times = `${cacheTime} ${formatMicros(accessTimeOf(entry) + originUs)}`;
  return withCounters && counter !== undefined
    ? `KEYSYNC ${times} C ${name}=${formatCounter(counter, originUs)}`
    : `KEYSYNC ${times} U ${name}=${value}`;
};

const counterPattern = /^(\d+(?:\.\d+)?) ([UD]) (\S+) ([^]*)$/u;
const partPattern = /^([\w-]{1,64}):(\d{1,15}):([-+\d.e]{1,32})$/u;

const parseParts = (text: string): CounterPart[] | undefined => {
  const parts: CounterPart[] = [];
  for (const each of text.split(',')) {
    const [, nodeId, steps, sum] = partPattern.exec(each) ?? [];
    if (nodeId === undefined || !Number.isFinite(Number(sum))) return undefined;
    // In their order, each once: that is what merging relies on.
    if (nodeId <= (parts.at(-1)?.nodeId ?? '')) return undefined;
    parts.push({ nodeId: detach(nodeId), steps: Number(steps), sum: Number(sum) });
  }
  return parts;
};

const parseCounter = (text: string, originUs: number): Counter | undefined => {
  const [, time = '', mode, list = '', value = ''] = counterPattern.exec(text) ?? [];
  const timeUs = mode === undefined ? undefined : parseMicros(time);
  const baseTimeUs = timeUs === 0 ? neverUs : timeUs && timeUs - originUs;
  const parts = parseParts(list);
  if (baseTimeUs === undefined || parts === undefined) return undefined;
  return { baseTimeUs, baseValue: mode === 'U' ? detach(value) : undefined, parts };
};

/**
 * The entry that a KEYSYNC tells of.
 *
 * @param originUs - What its times are to count from.
 * @param offsetMs - What to add to them before that.
 * @param withCounters - Whether the other node knows counters.
 * @returns `undefined` if it is malformed.
 */
export const parseEntry = (
  { cacheTime, accessTime, mode, name, value }: KeysyncCommand,
  originUs: number,
  offsetMs: number,
  withCounters: boolean,
): CacheEntry | undefined => {
  const offsetUs = Math.round(offsetMs * 1000);
  const treeTimeUs = microsOf(cacheTime) + offsetUs;
  if (!isTime(treeTimeUs)) return undefined;
  const isRemoved = mode === 'D';
  const isCounter = mode === 'C' && withCounters;
  const counter = isCounter ? parseCounter(value, originUs) : undefined;
  if (isCounter && counter === undefined) return undefined;
  const wasRead = accessTime !== 0 && !isRemoved;
  return {
    name: detach(name),
    value: isRemoved ? undefined : counter === undefined ? detach(value) : counterValue(counter),
    cacheTimeUs: treeTimeUs - originUs,
    accessedAfterS: wasRead ? secondsAfter(treeTimeUs, microsOf(accessTime) + offsetUs) : 0,
    counter,
  };
};
