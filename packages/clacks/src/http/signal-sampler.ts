import { textFromWire } from '@clacks/protocol';
import { detach } from '../broker/detach.ts';
import type { ApiSignal, ApiSignals } from './api-types.ts';
import { parseSignals } from './signals.ts';
import type { SignalLines } from './signals.ts';

/** Of a value so many bytes are shown. */
const valueBytesMax = 1024;
/** Longest name that is shown, in bytes. */
const nameBytesMax = 1024;

interface Sampled {
  readonly type: SignalLines['type'];
  readonly name: string;
  /** The part that is shown, as a wire string, and the length of all of it. */
  readonly value: { readonly wire: string; readonly bytes: number } | undefined;
  readonly atMs: number;
  readonly count: number;
}

const shownOf = (value: string) => ({
  wire: detach(value.slice(0, valueBytesMax)),
  bytes: value.length,
});

const shown = ({ type, name, value, atMs, count }: Sampled): ApiSignal => ({
  atMs,
  type,
  name: textFromWire(name),
  count,
  ...(value !== undefined && { value: textFromWire(value.wire), bytes: value.bytes }),
});

/**
 * Shows somebody what comes in no faster than it can be looked at: of each name the newest signal, of
 * so many names; the others are counted.
 */
export class SignalSampler {
  readonly #itemsMax: number;
  #byName = new Map<string, Sampled>();
  #seen = 0;

  /** @param itemsMax - Most signals that are shown at a time. */
  constructor(itemsMax: number) {
    this.#itemsMax = itemsMax;
  }

  /** Takes what somebody who listens was sent. */
  add(lines: string): void {
    const newest = parseSignals(lines);
    if (newest === undefined) return;
    this.#seen += newest.count;
    const known = this.#byName.get(newest.name);
    const isFull = known === undefined && this.#byName.size >= this.#itemsMax;
    if (isFull || newest.name.length > nameBytesMax) return;
    const { type, value } = newest;
    // Copied, since all that came with it would be kept else; and a reader may take nothing for long.
    const name = known?.name ?? detach(newest.name);
    this.#byName.set(name, {
      type,
      name,
      value: value === undefined ? undefined : shownOf(value),
      atMs: Date.now(),
      count: newest.count + (known?.count ?? 0),
    });
  }

  /** What came since the last time; `undefined` if nothing did. */
  take(): ApiSignals | undefined {
    if (this.#seen === 0) return undefined;
    const items = [...this.#byName.values()].map(shown);
    const taken = { items, seen: this.#seen, leftOut: this.#seen - items.length };
    this.#byName = new Map();
    this.#seen = 0;
    return taken;
  }
}
