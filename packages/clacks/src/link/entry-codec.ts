import { formatNumber, formatTime } from '@clacks/protocol';
import type { KeysyncCommand } from '@clacks/protocol';
import { counterValue } from '../broker/counter.ts';
import type { Counter, CounterPart } from '../broker/counter.ts';
import { detach } from '../broker/detach.ts';
import { accessTimeOf, secondsAfter } from '../broker/entry.ts';
import type { CacheEntry } from '../broker/entry.ts';
import { microsPerMs, never } from '../broker/stamp.ts';
import type { Stamped } from '../broker/stamp.ts';

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
  return text !== '' && isTime(timeUs) ? timeUs : undefined;
};

/** What a time is ahead of its stamp, in ms, where it is: `~-3600000`. */
const formatShift = (shiftMs: number): string => (shiftMs === 0 ? '' : `~${formatNumber(shiftMs)}`);

/** That as a number; `undefined` if it is none. */
const parseShift = (text = '0'): number | undefined => {
  const shiftMs = Number(text);
  return text !== '' && Number.isFinite(shiftMs) ? shiftMs : undefined;
};

/**
 * A moment as our nodes tell it each other: by the clock of the tree, and what that is ahead of its
 * stamp.
 */
export const formatStamped = ({ timeUs, stampUs }: Stamped, originUs: number): string => {
  if (stampUs === never.stampUs) return '0';
  const treeTimeUs = timeUs + originUs;
  return formatMicros(treeTimeUs) + formatShift((treeTimeUs - stampUs) / microsPerMs);
};

/** The moment that was told; `undefined` if it is none. */
export const parseStamped = (text: string, originUs: number): Stamped | undefined => {
  if (text === '0') return never;
  const [time = '', shift] = text.split('~');
  const [timeUs, shiftMs] = [parseMicros(time), parseShift(shift)];
  if (timeUs === undefined || shiftMs === undefined) return undefined;
  return { timeUs: timeUs - originUs, stampUs: Math.round(timeUs - shiftMs * microsPerMs) };
};

/**
 * A counter as the value of a KEYSYNC of mode C: when what it counts on from was written, whether
 * that is a value (U) or none (D), the steps of each node, and that value.
 */
const formatCounter = ({ base, baseValue, parts }: Counter, originUs: number): string => {
  const mode = baseValue === undefined ? 'D' : 'U';
  const list = parts.map(({ nodeId, steps, sum }) => `${nodeId}:${steps}:${sum}`).join(',');
  return `${formatStamped(base, originUs)} ${mode} ${list} ${baseValue ?? ''}`;
};

/** Where the name of a KEYSYNC ends is not to be seen if it contains a `=` itself. */
const hasEqualsSign = (name: string): boolean => name.includes('=', 1);

const escapes: Readonly<Record<string, string>> = { '=': '%3D', '%': '%25' };
const escapeName = (name: string): string =>
  hasEqualsSign(name) || name.includes('%')
    ? name.replaceAll(/[=%]/gu, (character) => escapes[character] ?? '')
    : name;
const unescapeName = (name: string): string =>
  name.includes('%') ? name.replaceAll('%3D', '=').replaceAll('%25', '%') : name;

/** Whether a node that is none of ours can be told of an entry of that name. */
export const isTellable = (name: string): boolean => !hasEqualsSign(name);

/** How an entry is told. */
export interface EntryForm {
  /** Whether the other node is one of ours, and so knows of counters and stamps. */
  readonly isOurs: boolean;
  /** Whether it is the answer to an older one, which is not to be answered. */
  readonly isAnswer?: boolean;
}

/**
 * The KEYSYNC line of an entry.
 *
 * @param originUs - What its times count from.
 */
export const formatEntry = (
  entry: CacheEntry,
  originUs: number,
  { isOurs, isAnswer = false }: EntryForm,
): string => {
  const { name, value, counter } = entry;
  const cacheTime = formatMicros(entry.cacheTimeUs + originUs);
  const accessTime = value === undefined ? '0' : formatMicros(accessTimeOf(entry) + originUs);
  const times = `KEYSYNC ${cacheTime} ${accessTime}`;
  const plainMode = value === undefined ? 'D' : 'U';
  if (!isOurs) return `${times} ${plainMode} ${name}=${value ?? 'REMOVED'}`;
  const ourName = escapeName(name);
  const answer = isAnswer ? '!' : '';
  if (counter !== undefined) {
    return `${times} C${answer} ${ourName}=${formatCounter(counter, originUs)}`;
  }
  const shift = formatShift(originUs / microsPerMs - entry.stampShiftMs);
  return `${times} ${plainMode}${answer}${shift} ${ourName}=${value ?? 'REMOVED'}`;
};

const counterPattern = /^(\S+) ([UD]) (\S+) ([^]*)$/u;
const partPattern = /^([\w.-]{1,64}):(\d{1,15}):([-+\d.e]{1,32})$/u;

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
  const [base, parts] = [parseStamped(time, originUs), parseParts(list)];
  if (base === undefined || parts === undefined) return undefined;
  return { base, baseValue: mode === 'U' ? detach(value) : undefined, parts };
};

/** An entry that was told. */
export interface ToldEntry {
  readonly entry: CacheEntry;
  /** See {@link EntryForm}. */
  readonly isAnswer: boolean;
}

/** The entry that a KEYSYNC of another kind of node tells of, whose clock is that much behind. */
export const parseForeignEntry = (
  { cacheTime, accessTime, mode, name, value }: KeysyncCommand,
  originUs: number,
  offsetMs: number,
): CacheEntry | undefined => {
  const offsetUs = Math.round(offsetMs * microsPerMs);
  const treeTimeUs = microsOf(cacheTime) + offsetUs;
  if (!isTime(treeTimeUs)) return undefined;
  const isRemoved = mode === 'D';
  const wasRead = accessTime !== 0 && !isRemoved;
  return {
    name: detach(name),
    value: isRemoved ? undefined : detach(value),
    cacheTimeUs: treeTimeUs - originUs,
    accessedAfterS: wasRead ? secondsAfter(treeTimeUs, microsOf(accessTime) + offsetUs) : 0,
    stampShiftMs: originUs / microsPerMs,
    counter: undefined,
  };
};

/** The entry that a KEYSYNC of one of our nodes tells of; `undefined` if it is malformed. */
export const parseOurEntry = (command: KeysyncCommand, originUs: number): ToldEntry | undefined => {
  const [mode = '', shift] = command.mode.split('~');
  const shiftMs = parseShift(shift);
  const plain = { ...command, mode: mode.charAt(0), name: unescapeName(command.name) };
  const entry = parseForeignEntry(plain, originUs, 0);
  if (entry === undefined || shiftMs === undefined) return undefined;
  const isAnswer = mode.endsWith('!');
  if (plain.mode !== 'C') {
    entry.stampShiftMs = originUs / microsPerMs - shiftMs;
    return { entry, isAnswer };
  }
  const counter = parseCounter(command.value, originUs);
  if (counter === undefined) return undefined;
  entry.counter = counter;
  entry.value = counterValue(counter);
  return { entry, isAnswer };
};
