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
  /** The names of the map, and how often another one came when it was full. */
  #names: string[] = [];
  #others = 0;
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
    if (newest.name.length > nameBytesMax) return;
    const { type, value } = newest;
    const name = known?.name ?? this.#admit(newest.name);
    if (name === undefined) return;
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
    this.#names = [];
    this.#others = 0;
    this.#seen = 0;
    return taken;
  }

  /**
   * Takes another name, if chance has it: a sample (a reservoir, as it is called) in which names that
   * always come last are seen as often as the first.
   */
  #admit(name: string): string | undefined {
    let place = this.#names.length;
    if (place >= this.#itemsMax) {
      place = Math.floor(Math.random() * (this.#itemsMax + ++this.#others));
      if (place >= this.#itemsMax) return undefined;
      this.#byName.delete(this.#names[place] ?? '');
    }
    // Copied, since all that came with it would be kept else; and a reader may take nothing for long.
    const kept = detach(name);
    this.#names[place] = kept;
    return kept;
  }
}
