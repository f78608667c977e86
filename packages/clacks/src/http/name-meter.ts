import { textFromWire } from '@clacks/protocol';
import { detach } from '../broker/detach.ts';
import type { ApiNames } from './api-types.ts';
import { pickInParts } from './in-parts.ts';
import type { AdminPort, AdminUser } from './ports.ts';
import { parseSignals } from './signals.ts';

/** What is counted together, in ms: the rates are those of the last one that is over. */
const windowMs = 5000;
/** Counting ends when nobody has asked for so long, in ms. */
const interestMs = 30_000;
/** Names that are counted; longer ones than so many bytes are not. */
const namesMax = 10_000;
const nameBytesMax = 1024;

interface Count {
  signals: number;
  bytes: number;
}

interface Window {
  readonly beganAtMs: number;
  readonly names: Map<string, Count>;
  others: number;
}

/** Counts signals by name while somebody wants to know: at other times it costs nothing. */
export class NameMeter {
  readonly #port: AdminPort;
  readonly #now: () => number;
  #end: (() => void) | undefined;
  #askedAtMs = 0;
  #window: Window;
  #last: (Window & { readonly lastedMs: number }) | undefined;

  /** @param now - Monotonic ms. */
  constructor(port: AdminPort, now: () => number) {
    this.#port = port;
    this.#now = now;
    this.#window = this.#newWindow();
  }

  /** The busiest names that a user may read. */
  async top(user: AdminUser, limit: number): Promise<ApiNames> {
    this.#askedAtMs = this.#now();
    this.#begin();
    this.tick();
    const lastedMs = this.#last?.lastedMs ?? this.#now() - this.#window.beganAtMs;
    const { names, others } = this.#last ?? this.#window;
    const perS = (count: number): number => (lastedMs === 0 ? 0 : (count * 1000) / lastedMs);
    const { readable: scope } = user;
    const all = [...names];
    const readable =
      scope === undefined ? all : await pickInParts(all, ([name]) => scope.allows(name));
    readable.sort(([, one], [, other]) => other.signals - one.signals);
    return {
      windowMs: lastedMs,
      othersPerS: perS(others),
      items: readable.slice(0, limit).map(([name, { signals, bytes }]) => ({
        name: textFromWire(name),
        signalsPerS: perS(signals),
        bytesPerS: perS(bytes),
        listeners: this.#port.listenersOf(name),
      })),
    };
  }

  /** Called from time to time: begins another window, or ends counting. */
  tick(): void {
    if (this.#end === undefined) return;
    const nowMs = this.#now();
    if (nowMs - this.#askedAtMs > interestMs) {
      this.stop();
      return;
    }
    const lastedMs = nowMs - this.#window.beganAtMs;
    if (lastedMs < windowMs) return;
    this.#last = { ...this.#window, lastedMs };
    this.#window = this.#newWindow();
  }

  /** Counts no longer. */
  stop(): void {
    this.#end?.();
    this.#end = undefined;
    this.#last = undefined;
  }

  #begin(): void {
    if (this.#end !== undefined) return;
    this.#window = this.#newWindow();
    this.#end = this.#port.tap((lines) => {
      this.#count(lines);
    });
  }

  #count(lines: string): void {
    const signals = parseSignals(lines);
    if (signals === undefined) return;
    const { name, count } = signals;
    const { names } = this.#window;
    const known = names.get(name);
    if (known !== undefined) {
      known.signals += count;
      known.bytes += lines.length;
    } else if (names.size >= namesMax || name.length > nameBytesMax) this.#window.others += count;
    else names.set(detach(name), { signals: count, bytes: lines.length });
  }

  #newWindow(): Window {
    return { beganAtMs: this.#now(), names: new Map(), others: 0 };
  }
}
