import { encodeToken } from '@clacks/protocol';
import { Broker } from '../../packages/clacks/src/broker/broker.ts';
import type { LinkState } from '../../packages/clacks/src/broker/links.ts';
import type { Permissions, Store } from '../../packages/clacks/src/broker/ports.ts';
import type { Session } from '../../packages/clacks/src/broker/session.ts';
import { Interclacks } from '../../packages/clacks/src/link/interclacks.ts';
import type { SimulatedClock } from './clock.ts';
import type { SimulatedDisk } from './disk.ts';
import { SimulatedPort } from './port.ts';
import type { Out, WiredNode, WireEnd } from './wire.ts';
import type { World } from './world.ts';

const permissionsOf = {
  /** Other nodes. */
  admin: { read: true, write: true, manage: true, interclacks: true },
  manager: { read: true, write: true, manage: true, interclacks: false },
  writer: { read: true, write: true, manage: false, interclacks: false },
  reader: { read: true, write: false, manage: false, interclacks: false },
} as const satisfies Record<string, Permissions>;

/** Who logs in. */
export type Username = keyof typeof permissionsOf;

/** The login of a user. */
export const tokenOf = (username: Username): string =>
  encodeToken({ username, password: 'secret' });

const pingTimeoutMs = 3000;
const reconnectTimeoutMs = 1000;
const forEverMs = 1e9;
const persistenceIntervalMs = 500;
/** How long a node that stops waits for its connections to close, in ms. */
const closingMs = 50;

/** How long a node keeps what, in ms; 0 = for ever. */
export interface KeepTimes {
  readonly deletedMs: number;
  readonly staleMs: number;
}

/** Makes a node wrong, for a test of the simulation. */
export type Sabotage = (node: SimulatedNode) => void;

/** What a node is made with. */
export interface SimulatedNodeOptions {
  readonly name: string;
  /** A name for this run of it. */
  readonly id: string;
  readonly clock: SimulatedClock;
  readonly keeps: KeepTimes;
  /** Where it keeps its cache, if it does. */
  readonly disk: SimulatedDisk | undefined;
  readonly hasMaster: boolean;
  readonly sync: 'merge' | 'replace';
  readonly random: () => number;
  /** Begins to connect to the master. */
  readonly dial: (node: SimulatedNode) => void;
  /** It has moved the times of all that it has, to adopt another clock. */
  readonly shifted: () => void;
  readonly sabotage: Sabotage;
}

const newBroker = (
  { clock, keeps, id }: SimulatedNodeOptions,
  store: Store | undefined,
  nowMs: number,
): Broker =>
  new Broker(
    {
      identification: 'clacks-ts 0.0.0',
      nodeId: id,
      authTimeoutMs: 2000,
      pingTimeoutMs: forEverMs,
      stalledWriteTimeoutMs: forEverMs,
      interclacksPingTimeoutMs: pingTimeoutMs,
      interclacksStalledWriteTimeoutMs: forEverMs,
      deletedCacheTimeMs: keeps.deletedMs || forEverMs,
      staleCacheTimeMs: keeps.staleMs,
      cacheCleanIntervalMs: keeps.deletedMs === 0 ? forEverMs : 1000,
      maxCacheEntries: 0,
      maxCacheBytes: 0,
      maxNames: 100_000,
      maxMessagesPerSecond: 0,
      persistenceIntervalMs,
      store,
      authenticate: (username) => permissionsOf[username as Username],
      events: {
        loginFailed: () => undefined,
        loggedIn: () => undefined,
        errorReceived: () => undefined,
        storeFailed: () => undefined,
        storeRecovered: () => undefined,
        evicted: () => undefined,
        reloadRequested: () => undefined,
        shutdownRequested: () => undefined,
      },
    },
    clock.wallMs(nowMs),
    nowMs,
  );

/** One run of one node, from start to crash, or until it is stopped. */
export class SimulatedNode implements WiredNode {
  readonly world: World;
  readonly id: string;
  readonly hasMaster: boolean;
  readonly broker: Broker;
  readonly interclacks: Interclacks;
  /** Where it keeps its cache, if it does. */
  readonly store: Store | undefined;
  isAlive = true;
  /** Whether it is being stopped: nobody connects to it any more. */
  isStopping = false;
  readonly #clock: SimulatedClock;
  #masterSession: Session | undefined;
  /** Whether it waits for its first link to the master, or to hear that there is none. */
  #isStarting: boolean;
  #tickAtMs = Infinity;

  constructor(world: World, options: SimulatedNodeOptions) {
    const { name, id, hasMaster, sync, random, dial, disk, sabotage } = options;
    this.world = world;
    this.id = disk?.nodeId ?? id;
    this.hasMaster = hasMaster;
    this.#isStarting = hasMaster;
    this.#clock = options.clock;
    this.store = disk?.open(this);
    this.broker = newBroker(options, this.store, world.nowMs);
    const { cache } = this.broker;
    const shift = cache.shift.bind(cache);
    cache.shift = (byMs) => {
      options.shifted();
      shift(byMs);
    };
    this.interclacks = new Interclacks(this.broker, {
      clockId: name,
      interclacksPingTimeoutMs: pingTimeoutMs,
      interclacksReconnectTimeoutMs: reconnectTimeoutMs,
      report: () => undefined,
      random,
      master: hasMaster
        ? {
            name: 'master',
            token: tokenOf('admin'),
            sync,
            dial: () => {
              dial(this);
            },
          }
        : undefined,
    });
    sabotage(this);
    disk?.restore(this);
  }

  /** Whether clients have to wait: while the master sends what it has, and before the first link. */
  get isLocked(): boolean {
    const state = this.#linkState;
    if (state !== undefined && state !== 'authenticating' && state !== 'locked') {
      this.#isStarting = false;
    }
    return this.#isStarting || state === 'locked';
  }

  /** Whether its master sends what it has. */
  get isSynchronising(): boolean {
    return this.#linkState === 'locked';
  }

  /** Whether it is cut off from its master: with `replace`, what it takes now will be dropped. */
  get isSevered(): boolean {
    const state = this.#linkState ?? 'ended';
    return this.hasMaster && (state === 'ended' || state === 'authenticating');
  }

  /** Where the link to its master stands. */
  get #linkState(): LinkState | 'ended' | undefined {
    const { link, state } = this.#masterSession ?? {};
    return state?.kind === 'closing' ? 'ended' : link?.status.state;
  }

  /** Begins to run. */
  start(): void {
    this.act(() => {
      this.interclacks.start();
    });
  }

  /**
   * Keeps what it knows, takes leave of everybody, and stops.
   *
   * @param stopped - Told whether all was kept.
   */
  stop(stopped: (isKept: boolean) => void): void {
    const { keeper } = this.broker;
    this.isStopping = true;
    this.act(() => {
      keeper.whenAllKept(() => {
        this.broker.shutdown();
        this.world.in(closingMs, () => {
          this.act(() => {
            keeper.whenAllKept((failure) => {
              this.isAlive = false;
              stopped(failure === undefined);
            });
          });
        });
      });
    });
  }

  accepted(out: Out): WireEnd {
    const port = new SimulatedPort(this, out);
    port.session = this.broker.open(port);
    return port;
  }

  dialed(out: Out): WireEnd {
    const port = new SimulatedPort(this, out);
    // The first link has ended, whether it was seen to or not.
    if (this.#masterSession !== undefined) this.#isStarting = false;
    port.session = this.interclacks.dialed(port);
    this.#masterSession = port.session;
    return port;
  }

  /** There is no connection to the master. */
  dialFailed(): void {
    this.#isStarting = false;
    this.act(() => {
      this.interclacks.dialFailed(new Error('unreachable'));
    });
  }

  /** Lets something happen at this node, if it still runs. */
  act(what: () => void): void {
    if (!this.isAlive) return;
    this.broker.setTime(this.#clock.wallMs(this.world.nowMs), this.world.nowMs);
    what();
    this.#plan();
  }

  /** Lets something happen after what happens now. */
  later(what: () => void): void {
    this.world.in(0, () => {
      this.act(what);
    });
  }

  #plan(): void {
    const { nextTickMs } = this.broker;
    if (nextTickMs >= this.#tickAtMs) return;
    this.#tickAtMs = nextTickMs;
    this.world.at(nextTickMs, () => {
      if (this.#tickAtMs > this.world.nowMs) return;
      this.#tickAtMs = Infinity;
      this.act(() => {
        this.broker.tick();
      });
    });
  }
}
