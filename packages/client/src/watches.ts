import { isPattern } from '@clacks/protocol';
import { wireName } from './arguments.ts';
import type { ClacksClientError } from './errors.ts';
import type { ClientEvents } from './events.ts';
import { nextTurn } from './next-turn.ts';
import type { ListenOptions } from './listen-options.ts';
import { resolveQueueOptions } from './queue.ts';
import { Watch } from './watch.ts';
import type { WatchClient, WatchedValue, WatchRun } from './watch.ts';

/** Everything that a client watches. */
export class Watches {
  readonly #client: WatchClient;
  readonly #runs = new Set<WatchRun>();
  /** Names that this client has written to in this turn. */
  readonly #written = new Set<string>();

  readonly #failed: (event: ClientEvents['watchEnded']) => void;

  /** @param failed - Called when a handler gets no more values, and nobody wanted that. */
  constructor(client: WatchClient, failed: (event: ClientEvents['watchEnded']) => void) {
    this.#client = client;
    this.#failed = failed;
  }

  get isEmpty(): boolean {
    return this.#runs.size === 0;
  }

  /** Watches a name: see {@link Client.watch}. */
  add(name: string, { handler, queue }: ListenOptions<WatchedValue>): Watch {
    wireName(name);
    if (isPattern(name)) {
      throw new TypeError(`A pattern has no current value: ${name}; use listen().`);
    }
    const queueOptions = resolveQueueOptions(queue, 'pause');
    return new Watch(this.#client, name, this.#runs, queueOptions, handler, (error) => {
      this.#failed({ name, error });
    });
  }

  /** The connection is lost. */
  lost(): void {
    for (const run of this.#runs) run.lost();
  }

  /** There is a connection again, and everything is listened to: reads what is current. */
  readAll(): void {
    for (const run of this.#runs) run.read();
  }

  /** This client itself has changed what is stored: no signal of that comes back. */
  wrote(wire: string): void {
    if (this.isEmpty) return;
    // Once for all that is written in one turn.
    if (this.#written.size === 0) nextTurn(this.#readWritten);
    this.#written.add(wire);
  }

  /** There will be no connection any more. */
  endAll(error: ClacksClientError | undefined): void {
    for (const run of [...this.#runs]) run.end(error);
  }

  readonly #readWritten = (): void => {
    for (const run of this.#runs) if (this.#written.has(run.wireName)) run.read();
    this.#written.clear();
  };
}
