import type { NodeUnderTest } from '../node-under-test.ts';
import { fenceTree } from './fence-tree.ts';
import { Listener } from './listener.ts';
import { Publisher } from './publisher.ts';
import { Topic } from './topic.ts';
import type { Faults } from './topic.ts';
import type { Target } from './wire.ts';

/** Topics that are signalled from the slave to the master. */
const upwardTopics = 5;

let lives = 0;

/** What a slave and its clients are given. */
export interface SlaveLifeOptions {
  readonly master: Target;
  /** Topics that are signalled at the master, to listen to at the slave. */
  readonly topics: readonly Topic[];
  readonly faults: Faults;
}

/** One life of a slave: from its link to the master until it is killed. */
export class SlaveLife {
  readonly #options: SlaveLifeOptions;
  readonly #slave: Target;
  readonly #publisher: Publisher;
  /** At the slave, and at the master for what comes from it. */
  readonly #listeners: readonly Listener[];

  private constructor(
    options: SlaveLifeOptions,
    slave: Target,
    publisher: Publisher,
    listeners: readonly Listener[],
  ) {
    this.#options = options;
    this.#slave = slave;
    this.#publisher = publisher;
    this.#listeners = listeners;
  }

  /** Waits until a slave is linked, and connects its clients. */
  static async begin(node: NodeUnderTest, options: SlaveLifeOptions): Promise<SlaveLife> {
    const { master, topics, faults } = options;
    const slave: Target = { transport: 'unix', path: node.socketPath };
    await Promise.all([fenceTree(slave, master), fenceTree(master, slave)]);
    const id = ++lives;
    const own = Array.from({ length: upwardTopics }, (_, i) => new Topic(`soak::up::${id}::${i}`));
    const publisher = await Publisher.connect(slave, own, faults);
    const above = await Promise.all(own.map((topic) => Listener.connect(master, topic, faults)));
    const below = await Promise.all(topics.map((topic) => Listener.connect(slave, topic, faults)));
    return new SlaveLife(options, slave, publisher, [...above, ...below]);
  }

  /** Signals that its listeners got. */
  get deliveries(): number {
    return this.#listeners.reduce((sum, listener) => sum + listener.deliveries, 0);
  }

  /** Sends about that many signals at the slave. */
  send(count: number): number {
    return this.#publisher.send(count);
  }

  /** Checks that everything has come that was handled at the other end, and leaves. */
  async end(): Promise<void> {
    const { master } = this.#options;
    await this.#publisher.fence();
    // What is handled later need not have come.
    const due = this.#listeners.map((listener) => listener.due);
    await Promise.all([fenceTree(this.#slave, master), fenceTree(master, this.#slave)]);
    await Promise.all(this.#listeners.map((listener, index) => listener.leave(due[index])));
    this.#publisher.destroy();
  }
}
