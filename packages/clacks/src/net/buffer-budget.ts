import { SlowConsumers } from './slow-consumers.ts';

/** Somebody who reads, and can be asked to stop for a while. */
interface Reader {
  resumeReading(): void;
}

/** How much a node may hold. */
interface BufferLimits {
  /** Most unsent bytes of all connections together. */
  readonly maxBuffered: number;
}

/** How often slow consumers are looked for while somebody waits for them, in ms. */
const lookMs = 250;
/** For how long those who read slowly may hold up everybody, in ms. */
const patienceMs = 10_000;
/** Below this part of the limit there is room enough. */
const enoughRoom = 0.75;

/**
 * What a node may hold of unsent bytes in all (`maxbuffered`). While it holds more, or much for one
 * of its links, connections that bring new bytes are not read, until others have taken theirs. Who
 * takes nothing must not hold up everybody, and who takes little not for long: it is closed.
 */
export class BufferBudget {
  readonly #limits: BufferLimits;
  /** Those who are closed if they take nothing. */
  readonly consumers = new SlowConsumers();
  readonly #waiting = new Set<Reader>();
  #bytes = 0;
  #inputBytes = 0;
  #crowdedLinks = 0;
  #isLooking = false;
  /** Since when readers have had to wait, in monotonic ms; 0 if there is room enough. */
  #fullSinceMs = 0;

  /** @param limits - Read each time: see {@link limitChanged}. */
  constructor(limits: BufferLimits) {
    this.#limits = limits;
  }

  /** Another limit holds than before. */
  limitChanged(): void {
    this.#wake();
  }

  /** Unsent bytes of all connections together. */
  get bytes(): number {
    return this.#bytes;
  }

  get isExceeded(): boolean {
    return this.#bytes > this.#limits.maxBuffered || this.#crowdedLinks > 0;
  }

  /** Counts bytes that wait to be sent; fewer than 0 if they need not wait any longer. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#waiting.size > 0 || this.#fullSinceMs > 0) this.#wake();
  }

  /**
   * Counts bytes that came in and are not handled; fewer than 0 if they are. With as much of them as
   * may wait to be sent, who has the longest line that does not end is closed.
   */
  addInput(bytes: number): void {
    this.#inputBytes += bytes;
    if (bytes > 0 && this.#inputBytes > this.#limits.maxBuffered) this.consumers.shedInput();
  }

  /** Counts links that hold more than is good; fewer than 0 if they have got rid of it. */
  addCrowded(links: number): void {
    this.#crowdedLinks += links;
    this.#wake();
  }

  #wake(): void {
    // Room that is gone at once is no room.
    if (this.#bytes < this.#limits.maxBuffered * enoughRoom) this.#fullSinceMs = 0;
    if (this.#waiting.size === 0) return;
    if (this.isExceeded) {
      this.#startLooking();
      return;
    }
    const readers = [...this.#waiting];
    this.#waiting.clear();
    for (const reader of readers) reader.resumeReading();
  }

  /** Wakes the reader when there is room again. */
  wait(reader: Reader): void {
    this.#waiting.add(reader);
    this.#startLooking();
  }

  /** Forgets a reader that waits. */
  forget(reader: Reader): void {
    this.#waiting.delete(reader);
  }

  /** Who takes too little is looked for while readers wait because of that. */
  #startLooking(): void {
    if (this.#fullSinceMs > 0 || this.#bytes <= this.#limits.maxBuffered) return;
    this.#fullSinceMs = performance.now();
    this.#lookLater();
  }

  #lookLater(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    setTimeout(() => {
      // A node that was held up itself first hears what its peers have taken meanwhile.
      setImmediate(this.#shed);
    }, lookMs);
  }

  readonly #shed = (): void => {
    this.#isLooking = false;
    if (this.#fullSinceMs === 0) return;
    if (this.#bytes > this.#limits.maxBuffered) {
      const isUrgent = performance.now() - this.#fullSinceMs > patienceMs;
      // Half of it, so that the next one does not have to be looked for at once.
      this.consumers.shed(this.#bytes - this.#limits.maxBuffered / 2, isUrgent);
    }
    this.#lookLater();
  };
}
