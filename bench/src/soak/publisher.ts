import type { Faults, Topic } from './topic.ts';
import { Wire } from './wire.ts';
import type { Target } from './wire.ts';

/** Signals of one name in a row. */
const burst = 5;

/** With so many bytes on their way to the server, nothing is added. */
const mostBacklog = 256 * 1024;

/** A client that signals on its topics in turn. */
export class Publisher {
  readonly #wire: Wire;
  readonly #topics: readonly Topic[];
  #next = 0;

  private constructor(wire: Wire, topics: readonly Topic[]) {
    this.#wire = wire;
    this.#topics = topics;
  }

  /** @param topics - Nobody else may signal on them. */
  static async connect(
    target: Target,
    topics: readonly Topic[],
    faults: Faults,
  ): Promise<Publisher> {
    const wire = await Wire.connect(target, (line) => {
      if (/^(?:closed|TIMEOUT|QUIT|OVERHEAD [EF])/u.test(line)) faults.add(`publisher: ${line}`);
    });
    await wire.fence();
    return new Publisher(wire, topics);
  }

  /**
   * Sends about that many signals, unless the server does not keep up.
   *
   * @returns How many it sent.
   */
  send(count: number): number {
    if (this.#wire.backlog > mostBacklog) return 0;
    let lines = '';
    let sent = 0;
    for (; sent < count; sent += burst) {
      lines += this.#topics[this.#next]?.next(burst) ?? '';
      this.#next = (this.#next + 1) % this.#topics.length;
    }
    if (lines !== '') this.#wire.write(lines);
    return sent;
  }

  /** Notes what its node has handled. */
  async fence(): Promise<void> {
    const sent = this.#topics.map((topic) => topic.sent);
    await this.#wire.fence();
    for (const [index, topic] of this.#topics.entries()) topic.handled = sent[index] ?? 0;
  }

  destroy(): void {
    this.#wire.destroy();
  }
}
