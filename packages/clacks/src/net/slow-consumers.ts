/** Somebody for whom bytes wait. */
interface Consumer {
  readonly outbufferLength: number;
  /** Since when it has taken nothing of what waits for it, in monotonic ms; 0 if nothing waits. */
  readonly stalledSinceMs: number;
  /** Drops what waits for it. */
  closeSlowConsumer(): void;
}

/** How long somebody may take nothing while others wait for it, in ms. */
const graceMs = 2000;

/** Knows who takes too little, so that it is they who are cut off when there is no room. */
export class SlowConsumers {
  readonly #consumers = new Set<Consumer>();

  add(consumer: Consumer): void {
    this.#consumers.add(consumer);
  }

  delete(consumer: Consumer): void {
    this.#consumers.delete(consumer);
  }

  /**
   * Closes those who have taken nothing for the time of grace, until so many bytes are dropped: first
   * who has most. Who takes something, however slowly, and who has little to take is spared.
   */
  shed(bytes: number): void {
    const sinceMs = performance.now() - graceMs;
    const stalled = [...this.#consumers].filter(
      ({ stalledSinceMs }) => stalledSinceMs > 0 && stalledSinceMs < sinceMs,
    );
    stalled.sort((one, other) => other.outbufferLength - one.outbufferLength);
    let dropped = 0;
    for (const consumer of stalled) {
      if (dropped >= bytes) break;
      dropped += consumer.outbufferLength;
      consumer.closeSlowConsumer();
    }
  }
}
