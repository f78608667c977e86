/** Somebody for whom bytes wait. */
interface Consumer {
  readonly outbufferLength: number;
  /** Since when it has taken nothing of what waits for it, in monotonic ms; 0 if nothing waits. */
  readonly stalledSinceMs: number;
  /** Drops what waits for it. */
  closeSlowConsumer(): void;
  /** Bytes of it that are not handled. */
  readonly inbufferLength: number;
  /** Handles nothing more of it. */
  closeForInput(): void;
}

/** How long somebody may take nothing while others wait for it, in ms. */
const graceMs = 2000;
/** Who has less to take is spared, in bytes: closing it would make no room. */
const fewBytes = 64 * 1024;

/** Who has sent less that is not handled is spared, in bytes: it is what comes in one go. */
const usualInput = 256 * 1024;

/** Knows who takes too little or leaves too much unfinished: they are cut off when there is no room. */
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
   * who has most. Who takes something is spared, and who has little to take.
   *
   * @param isUrgent - Spares nobody who has much to take, however fast it takes it.
   */
  shed(bytes: number, isUrgent: boolean): void {
    const sinceMs = isUrgent ? Infinity : performance.now() - graceMs;
    const slow = [...this.#consumers].filter(
      ({ outbufferLength, stalledSinceMs }) =>
        outbufferLength >= fewBytes && stalledSinceMs > 0 && stalledSinceMs < sinceMs,
    );
    slow.sort((one, other) => other.outbufferLength - one.outbufferLength);
    let dropped = 0;
    for (const consumer of slow) {
      if (dropped >= bytes) break;
      dropped += consumer.outbufferLength;
      consumer.closeSlowConsumer();
    }
  }

  /** Closes who has sent most that cannot be handled: a line that does not end. */
  shedInput(): void {
    let longest: Consumer | undefined;
    for (const consumer of this.#consumers) {
      const least = longest?.inbufferLength ?? usualInput;
      if (consumer.inbufferLength > least) longest = consumer;
    }
    longest?.closeForInput();
  }
}
