import {
  assertSingleLine,
  decodeValue,
  decodeValueBytes,
  encodeValue,
  textFromWire,
  wireFromText,
} from '@clacks/protocol';
import { step, wireName } from './arguments.ts';
import { parseClientInfo } from './client-info.ts';
import type { ClientInfo } from './client-info.ts';
import type { Dial } from './connection.ts';
import { callSafely, Emitter } from './emitter.ts';
import { ClacksClientError } from './errors.ts';
import type { ClientEvents } from './events.ts';
import { flushConfirmed } from './flush.ts';
import { KeepAlive } from './keep-alive.ts';
import type { KeepAliveTasks } from './keep-alive.ts';
import { LastSets } from './last-sets.ts';
import { Link } from './link.ts';
import type { LinkHandler } from './link.ts';
import { listenOptions } from './listen-options.ts';
import type { HandlerOrQueue } from './listen-options.ts';
import { Listening } from './listening.ts';
import type { Settings } from './options.ts';
import { receiveLine } from './receiver.ts';
import type { ReceiverTargets } from './receiver.ts';
import { Requester } from './requester.ts';
import type { RequestOptions } from './requester.ts';
import type { QueueOptions } from './queue.ts';
import { takeList, takeRetrieved } from './requests.ts';
import { SignOfLife } from './sign-of-life.ts';
import type { Signal } from './signal.ts';
import type { Subscription } from './subscription.ts';
import type { Watch, WatchedValue } from './watch.ts';

/** How long a sign of life may take when the connection is likely to be gone, in ms. */
const wakeTimeoutMs = 5000;

/** How a retrieved value is handed out. */
export interface RetrieveOptions extends RequestOptions {
  /**
   * `text` (default) is decoded, `bytes` are the decoded value's exact bytes, `raw` is the value as
   * it is on the wire, as a string with one character for each byte.
   */
  readonly as?: 'text' | 'bytes' | 'raw';
}

/** Ends what it stands for. */
export interface Monitoring {
  /** Stops watching. */
  stop(): Promise<void>;
}

/**
 * A connection to a Clacks server that is made anew whenever it is lost. {@link connect} makes one.
 *
 * **Writing** (`notify`, `set`, `store` and the like) returns a promise that resolves when the line
 * has been handed to the connection; when much waits there already, when the system has taken it. So
 * who awaits each write writes as fast as the server reads, and who does not is refused when
 * `outboxBytes` wait. The promise may be ignored: what cannot be sent is also told by the event
 * `dropped`. A line that was handed over just before the connection broke may or may not have reached
 * the server: `flush()` tells.
 *
 * **While there is no connection**, what is written waits in a queue of `offlineQueueBytes` and is
 * sent after reconnecting, in order, or is rejected (`offline: 'reject'`). Requests are rejected.
 *
 * All methods that take a name throw a `TypeError` if it is empty or holds a space, `=` or a line
 * break, or if the line would be longer than `maxLineLength`.
 */
export class Client extends Emitter<ClientEvents> implements AsyncDisposable {
  readonly #settings: Settings;
  readonly #link: Link;
  readonly #requester: Requester;
  readonly #monitors = new Set<(line: string) => void>();
  readonly #lastSets = new LastSets();
  readonly #keepAlive: KeepAlive;
  readonly #signOfLife: SignOfLife;
  readonly #listening: Listening;
  #pingsOff = false;
  #serverInfo = '';
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(settings: Settings, dial: Dial) {
    super();
    this.#settings = settings;
    this.#requester = new Requester((line) => this.#link.sendNow(line), settings.requestTimeoutMs);
    this.#link = new Link(settings, dial, this.#linkHandler());
    this.#keepAlive = new KeepAlive(settings, this.#keepAliveTasks());
    this.#signOfLife = new SignOfLife(this.#link, this.#requester);
    this.#listening = new Listening(this.#link, this.#requester, settings, (event) => {
      this.emit('watchEnded', event);
    });
  }

  /** @internal */
  async start(signal: AbortSignal | undefined): Promise<void> {
    await this.#link.start(signal);
    this.#serverInfo = this.#link.connection?.serverInfo ?? '';
    this.#keepAlive.start();
  }

  /**
   * Something has changed: the network is there again, the page is seen again, or the machine has slept.
   * Looks now whether the connection is still there, or tries now to connect.
   *
   * @internal
   */
  wake(): void {
    this.#link.wake();
    void this.#signOfLife.ask(Math.min(wakeTimeoutMs, this.#settings.requestTimeoutMs));
  }

  /** Whether there is a connection right now. */
  get connected(): boolean {
    return this.#link.connection !== undefined;
  }

  /** What the server calls itself, such as `clacks-ts 1.0.0`. */
  get serverInfo(): string {
    return this.#serverInfo;
  }

  /**
   * Listens to a name or pattern: `*` stands for one level between `::`, `**` as the last level for
   * one or more (our servers only). Signals that this client sends itself do not come back.
   *
   * @param handler - Called for each signal. Without it, iterate over what is returned.
   * @param queue - What becomes of signals that come faster than an iteration takes them. Default:
   * `fail`.
   * @throws ClacksClientError with `CLACKS_ERR_CLOSED` after the client was closed.
   */
  listen(name: string, handler?: (signal: Signal) => void, queue?: QueueOptions): Subscription;
  listen(name: string, queue: QueueOptions): Subscription;
  listen(name: string, handler?: HandlerOrQueue<Signal>, queue: QueueOptions = {}): Subscription {
    return this.#listening.listen(name, listenOptions(handler, queue));
  }

  /**
   * Watches a name: its current value, and every later one, without a gap and none twice, also across
   * reconnections. The current value is what the server has stored; later ones are those that others
   * send. Who sends with `setAndStore()` does both: so that is what to write watched names with. What
   * somebody only sends (`set()`) comes, but is not there any more when it is read again; what somebody
   * only stores, counts up or removes does not come until then. What this client itself stores,
   * counts up or removes comes once the server has it, if it differs from the last.
   *
   * @param handler - Called for each value, until the event `watchEnded` tells of an error. Without it,
   * iterate over what is returned.
   * @param queue - What becomes of values that come faster than an iteration takes them; a handler is
   * called at once. Default: `pause`.
   * @throws TypeError if it is a pattern.
   */
  watch(name: string, handler?: (value: WatchedValue) => void, queue?: QueueOptions): Watch;
  watch(name: string, queue: QueueOptions): Watch;
  watch(name: string, handler?: HandlerOrQueue<WatchedValue>, queue: QueueOptions = {}): Watch {
    if (this.#link.isClosed) throw this.#link.noConnection();
    return this.#listening.watches.add(name, listenOptions(handler, queue));
  }

  /** Ends all subscriptions to a name or pattern. */
  unlisten(name: string): void {
    this.#listening.unlisten(name);
  }

  /** Signals an event to all other clients that listen to the name. */
  notify(name: string): Promise<void> {
    return this.#link.write(`NOTIFY ${wireName(name)}`);
  }

  /** Signals a value to all other clients that listen to the name. It is not stored. */
  set(name: string, value: string | Uint8Array): Promise<void> {
    const wire = wireName(name);
    const encoded = encodeValue(value);
    if (!this.#settings.caching) return this.#link.write(`SET ${wire}=${encoded}`);
    return this.#lastSets.send(wire, encoded, () => this.#link.write(`SET ${wire}=${encoded}`));
  }

  /** Keeps a value on the server. */
  store(name: string, value: string | Uint8Array): Promise<void> {
    return this.#writeStored('STORE', name, `=${encodeValue(value)}`);
  }

  /** Does what {@link set} and {@link store} do. */
  setAndStore(name: string, value: string | Uint8Array): Promise<void> {
    return this.#writeStored('SETANDSTORE', name, `=${encodeValue(value)}`);
  }

  /** Removes a stored value. */
  remove(name: string): Promise<void> {
    return this.#writeStored('REMOVE', name, '');
  }

  /** Adds to a stored number; a value that is none counts as 0. */
  increment(name: string, by?: number | string): Promise<void> {
    return this.#writeStored('INCREMENT', name, step(by));
  }

  /** Subtracts from a stored number; a value that is none counts as 0. */
  decrement(name: string, by?: number | string): Promise<void> {
    return this.#writeStored('DECREMENT', name, step(by));
  }

  /** The stored value of a name, or `undefined` if there is none. */
  retrieve(
    name: string,
    options?: RetrieveOptions & { as?: 'text' | 'raw' },
  ): Promise<string | undefined>;
  retrieve(
    name: string,
    options: RetrieveOptions & { as: 'bytes' },
  ): Promise<Uint8Array | undefined>;
  async retrieve(
    name: string,
    options: RetrieveOptions = {},
  ): Promise<string | Uint8Array | undefined> {
    const wire = wireName(name);
    let found: string | undefined;
    const take = takeRetrieved(wire, (value) => {
      found = value;
    });
    await this.#requester.request(`RETRIEVE ${wire}`, take, options);
    if (found === undefined || options.as === 'raw') return found;
    return options.as === 'bytes' ? decodeValueBytes(found) : decodeValue(found);
  }

  /** The names of all stored values, in byte order. */
  async keylist(options?: RequestOptions): Promise<string[]> {
    const names: string[] = [];
    await this.#requester.request('KEYLIST', takeList('KEYLIST', 'KEY', names), options);
    return names.map(textFromWire);
  }

  /** Removes all stored values. Needs the permission `manage`. */
  clearCache(options?: RequestOptions): Promise<void> {
    return this.#requester.checked('CLEARCACHE', options);
  }

  /**
   * Resolves when the server has handled everything that was written before.
   *
   * @throws ClacksClientError with `CLACKS_ERR_CONNECTION_LOST` if a connection was lost since the
   * last flush that resolved, and something had been written on it: whether that has arrived is not
   * known. It is said once; the next flush is about what was written since.
   */
  flush(options?: RequestOptions): Promise<void> {
    return flushConfirmed(this.#link, this.#requester, options);
  }

  /** The server's connections. Needs the permission `manage`. */
  async clientList(options?: RequestOptions): Promise<ClientInfo[]> {
    const entries: string[] = [];
    const take = takeList('CLIENTLIST', 'CLIENT', entries);
    await this.#requester.request('CLIENTLIST', take, options);
    return entries.map(parseClientInfo);
  }

  /** Closes another connection of the server. Needs the permission `manage`. */
  disconnectClient(cid: string, options?: RequestOptions): Promise<void> {
    assertSingleLine(cid, 'A cid');
    return this.#requester.checked(`CLIENTDISCONNECT ${wireFromText(cid)}`, options);
  }

  /**
   * Has the server take over what is new in its configuration. Needs the permission `manage`.
   *
   * @returns The names of settings that are others now, but need a restart of the server.
   * @throws ClacksClientError with `CLACKS_ERR_NOT_RELOADED` if something is wrong: then everything
   * stays as it was; with `CLACKS_ERR_DENIED` also if it is a server that does not know how to.
   */
  reload(options?: RequestOptions): Promise<readonly string[]> {
    return this.#requester.reload(options);
  }

  /**
   * Watches everything that the server's clients send. Needs the permission `manage`.
   *
   * @param handler - Called for each line, such as `127.0.0.1:40000:1=SET x=1`.
   */
  async monitor(handler: (line: string) => void, options?: RequestOptions): Promise<Monitoring> {
    const monitor = (line: string): void => {
      handler(line);
    };
    // Before it is asked for: lines may come together with the permission.
    this.#monitors.add(monitor);
    const stop = (): boolean => this.#monitors.delete(monitor) && this.#monitors.size === 0;
    try {
      await this.#requester.checked('MONITOR', options);
    } catch (error) {
      // The server may have begun when the request was given up.
      const mayRun = !(error instanceof ClacksClientError) || error.code !== 'CLACKS_ERR_DENIED';
      if (stop() && mayRun) this.#link.connection?.send('UNMONITOR');
      throw error;
    }
    return {
      stop: async () => {
        if (stop() && this.connected) await this.#requester.checked('UNMONITOR');
      },
    };
  }

  /**
   * Sends a line as it is. Answers come as the event `line`.
   *
   * @throws TypeError if it holds a line break.
   */
  sendRaw(line: string): Promise<void> {
    assertSingleLine(line, 'A line');
    const wire = wireFromText(line);
    return this.#link.write(wire, () => {
      this.#requester.sentRaw(wire);
    });
  }

  /** Says that this client is alive. Not needed with `autoPing`. */
  ping(): void {
    this.#pingsOff = false;
    this.#link.connection?.send('PING');
  }

  /** Asks the server not to expect pings until the next {@link ping}. */
  noPing(): void {
    this.#pingsOff = true;
    this.#link.connection?.send('NOPING');
  }

  /**
   * Waits until the server has handled everything written, takes leave, and closes. What waits for a
   * connection is given up.
   *
   * @throws ClacksClientError if the server does not say that it has handled everything. The client
   * is closed nevertheless.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Closes at once. What has not been sent is given up. */
  destroy(): void {
    this.#link.destroy();
  }

  /** Same as {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Sends a line that changes what is stored under a name. */
  #writeStored(verb: string, name: string, rest: string): Promise<void> {
    const wire = wireName(name);
    const line = `${verb} ${wire}${rest}`;
    // A line that waits for a connection may find somebody who watches then.
    if (this.connected && this.#listening.watches.isEmpty) return this.#link.write(line);
    return this.#link.write(line, () => {
      this.#listening.watches.wrote(wire);
    });
  }

  async #close(): Promise<void> {
    try {
      if (this.connected) await this.#requester.flush();
    } catch (error) {
      // The connection is lost, or the server does not answer: nobody is there to take leave of.
      const wasDestroyed = this.#link.isDestroyed;
      this.destroy();
      if (!wasDestroyed) throw error;
    }
    if (!this.#link.isClosed) await this.#link.close();
  }

  #linkHandler(): LinkHandler {
    const targets = this.#receiverTargets();
    return {
      // Whoever waits for an answer may be the one who does not take the signals before it.
      mayRead: () => this.#listening.takesMore || this.#requester.isBusy,
      line: (line) => {
        if (this.isHandled('line')) this.emit('line', textFromWire(line));
        receiveLine(line, targets);
      },
      restore: (connection) => {
        // What the lost one knew.
        this.#serverInfo = connection.serverInfo;
        for (const name of this.#listening.wireNames) connection.send(`LISTEN ${name}`);
        if (this.#monitors.size > 0) connection.send('MONITOR');
        if (this.#pingsOff) connection.send('NOPING');
      },
      lost: (error) => {
        // What was sent on that connection may not have arrived.
        this.#lastSets.clear();
        this.#listening.watches.lost();
        this.#requester.lost(error);
      },
      disconnected: (event) => {
        this.emit('disconnected', event);
      },
      reconnected: (event) => {
        // After what was written meanwhile, so that this is read as well.
        this.#listening.watches.readAll();
        this.emit('reconnected', event);
      },
      dropped: (event) => {
        this.emit('dropped', event);
      },
      closed: (error) => {
        this.#keepAlive.stop();
        this.#listening.end(error);
        this.emit('closed', { error });
      },
    };
  }

  #receiverTargets(): ReceiverTargets {
    return {
      requester: this.#requester,
      signal: (name, signal) => {
        this.#listening.deliver(name, signal);
        this.emit('signal', signal);
      },
      debug: (line) => {
        for (const monitor of this.#monitors) callSafely(monitor, line);
        this.emit('debug', line);
      },
      emit: (name, event) => {
        this.emit(name, event);
      },
      send: (line) => {
        this.#link.connection?.send(line);
      },
    };
  }

  #keepAliveTasks(): KeepAliveTasks {
    return {
      ping: () => {
        if (this.#settings.autoPing && !this.#pingsOff) this.#link.connection?.send('PING');
      },
      silentMs: () => this.#signOfLife.silentMs,
      probe: () => {
        void this.#signOfLife.ask(this.#settings.requestTimeoutMs);
      },
      wake: () => {
        this.wake();
      },
      remember: (name) => {
        // Who may not write may not remember anybody either, and need not be told each hour.
        const line = `OVERHEAD GNU ${wireFromText(name)}`;
        this.#requester.checked(line, { isQuiet: true }).catch(() => undefined);
      },
    };
  }
}
