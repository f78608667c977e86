import { assertName } from '@clacks/protocol';
import { assertLineFits, wireName } from './arguments.ts';
import type { ClacksClientError } from './errors.ts';
import type { ClientEvents } from './events.ts';
import type { Link } from './link.ts';
import type { ListenOptions } from './listen-options.ts';
import type { Settings } from './options.ts';
import { resolveQueueOptions } from './queue.ts';
import { ReadGate } from './read-gate.ts';
import type { Requester } from './requester.ts';
import type { Signal } from './signal.ts';
import { Subscription } from './subscription.ts';
import { Subscriptions } from './subscriptions.ts';
import type { WatchClient } from './watch.ts';
import { Watches } from './watches.ts';

/** What a client listens to, and watches. */
export class Listening {
  readonly #link: Link;
  readonly #maxLineLength: number;
  readonly #subscriptions = new Subscriptions();
  readonly #gate: ReadGate;
  /** What is watched. */
  readonly watches: Watches;

  /** @param watchEnded - Called when a handler gets no more values, and nobody wanted that. */
  constructor(
    link: Link,
    requester: Requester,
    { maxLineLength, retry }: Pick<Settings, 'maxLineLength' | 'retry'>,
    watchEnded: (event: ClientEvents['watchEnded']) => void,
  ) {
    this.#link = link;
    this.#maxLineLength = maxLineLength;
    this.#gate = new ReadGate(() => link.connection?.goOn());
    const client: WatchClient = {
      gate: this.#gate,
      retry,
      listen: (name, handler, ended) => this.listen(name, { handler, queue: {} }, ended),
      request: (line, take) => requester.request(line, take),
    };
    this.watches = new Watches(client, watchEnded);
  }

  /** Whether nobody wants signals to wait. */
  get takesMore(): boolean {
    return this.#gate.isOpen;
  }

  /** Everything listened to, as wire strings. */
  get wireNames(): string[] {
    return this.#subscriptions.wireNames;
  }

  /**
   * Listens to a name or pattern.
   *
   * @param ended - Called when it is not listened to any more, at whoever's wish.
   * @throws ClacksClientError with `CLACKS_ERR_CLOSED` after the client was closed.
   */
  listen(
    name: string,
    { handler, queue }: ListenOptions<Signal>,
    ended: () => void = () => undefined,
  ): Subscription {
    const wire = wireName(name);
    assertLineFits(`UNLISTEN ${wire}`, this.#maxLineLength);
    if (this.#link.isClosed) throw this.#link.noConnection();
    const subscription = new Subscription(name, {
      handler,
      queue: resolveQueueOptions(queue, 'fail'),
      gate: this.#gate,
      ended: (gone) => {
        const wasLast = this.#subscriptions.remove(gone);
        if (wasLast) this.#link.connection?.send(`UNLISTEN ${wire}`);
        ended();
      },
    });
    // Without a connection it is listened to as soon as there is one.
    if (this.#subscriptions.add(subscription)) this.#link.connection?.send(`LISTEN ${wire}`);
    return subscription;
  }

  /** Ends all subscriptions to a name or pattern. */
  unlisten(name: string): void {
    assertName(name);
    for (const subscription of this.#subscriptions.of(name)) subscription.unlisten();
  }

  /** Hands a signal to everybody whose name or pattern it fits. */
  deliver(name: string, signal: Signal): void {
    this.#subscriptions.deliver(name, signal);
  }

  /** There will be no connection any more. */
  end(error: ClacksClientError | undefined): void {
    this.watches.endAll(error);
    for (const subscription of this.#subscriptions.all()) subscription.finish(error);
  }
}
