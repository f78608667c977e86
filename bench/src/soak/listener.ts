import type { Faults, Topic } from './topic.ts';
import { NumberCheck } from './topic.ts';
import { Wire } from './wire.ts';
import type { Target } from './wire.ts';

/** A client that listens to a topic and checks what it gets. */
export class Listener {
  readonly #topic: Topic;
  readonly #check: NumberCheck;
  readonly #faults: Faults;
  readonly #prefix: string;
  #wire: Wire | undefined;

  private constructor(topic: Topic, faults: Faults) {
    this.#topic = topic;
    this.#faults = faults;
    this.#check = new NumberCheck(topic, faults);
    this.#prefix = `SET ${topic.name}=`;
  }

  /**
   * Connects, and listens. It counts as listening once the server has said that it has heard of it.
   */
  static async connect(target: Target, topic: Topic, faults: Faults): Promise<Listener> {
    const listener = new Listener(topic, faults);
    const wire = await Wire.connect(target, listener.#onLine);
    listener.#wire = wire;
    wire.write(`LISTEN ${topic.name}\r\n`);
    await wire.fence();
    listener.#check.begin();
    return listener;
  }

  /** Signals that it got. */
  get deliveries(): number {
    return this.#check.deliveries;
  }

  /** The last number of which is known that the sender's node has handled it. */
  get due(): number {
    return this.#topic.handled;
  }

  /** Fails if something up to that number is missing that its node has handled. */
  async checkAll(due = this.due): Promise<void> {
    await this.#wire?.fence();
    this.#check.mustHave(due);
  }

  /** Checks that it has got everything up to that number, and takes leave. */
  async leave(due = this.due): Promise<void> {
    await this.checkAll(due);
    this.#wire?.quit();
  }

  /** Is gone without a word. */
  destroy(): void {
    this.#wire?.destroy();
  }

  readonly #onLine = (line: string): void => {
    if (line.startsWith(this.#prefix)) {
      this.#check.received(Number(line.slice(this.#prefix.length)));
    } else if (!/^(?:CLACKS|NOP|OVERHEAD [MO])/u.test(line)) {
      this.#faults.add(`a listener to ${this.#topic.name} got: ${line}`);
    }
  };
}
