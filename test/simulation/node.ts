import { encodeToken } from '@clacks/protocol';
import { Broker } from '../../packages/clacks/src/broker/broker.ts';
import type { Permissions } from '../../packages/clacks/src/broker/ports.ts';
import { Interclacks } from '../../packages/clacks/src/link/interclacks.ts';
import type { World } from './world.ts';

const all: Permissions = { read: true, write: true, manage: true, interclacks: true };
const readOnly: Permissions = { read: true, write: false, manage: false, interclacks: false };

/** The login of a user. */
export const tokenOf = (username: string): string => encodeToken({ username, password: 'secret' });

/** All clocks are about as far as ours. */
const epochMs = 1_795_000_000_000;

const pingTimeoutMs = 3000;
const reconnectTimeoutMs = 1000;

/** What a node is made with. */
export interface SimulatedNodeOptions {
  readonly name: string;
  /** How many times it was started before. */
  readonly run: number;
  /** How far its clock is ahead. */
  readonly skewMs: number;
  readonly hasMaster: boolean;
  readonly random: () => number;
  /** Begins to connect to the master. */
  readonly dial: (node: SimulatedNode) => void;
  /** Makes it wrong, for a test of the simulation. */
  readonly sabotage: (broker: Broker) => void;
}

/** One run of one node, from start to crash. */
export class SimulatedNode {
  readonly world: World;
  readonly id: string;
  readonly broker: Broker;
  readonly interclacks: Interclacks;
  isAlive = true;
  readonly #skewMs: number;
  #tickAtMs = Infinity;

  constructor(world: World, options: SimulatedNodeOptions) {
    const { name, run, skewMs, hasMaster, random, dial, sabotage } = options;
    this.world = world;
    this.id = `${name}-${run}`;
    this.#skewMs = skewMs;
    this.broker = new Broker(
      {
        identification: 'clacks-ts 0.0.0',
        nodeId: this.id,
        authTimeoutMs: 2000,
        pingTimeoutMs: 1e9,
        stalledWriteTimeoutMs: 1e9,
        interclacksPingTimeoutMs: pingTimeoutMs,
        interclacksStalledWriteTimeoutMs: 1e9,
        deletedCacheTimeMs: 1e9,
        staleCacheTimeMs: 0,
        cacheCleanIntervalMs: 1e9,
        maxCacheEntries: 0,
        maxCacheBytes: 0,
        persistenceIntervalMs: 1e9,
        store: undefined,
        authenticate: (username) => (username === 'reader' ? readOnly : all),
        events: {
          loginFailed: () => undefined,
          loggedIn: () => undefined,
          errorReceived: () => undefined,
          storeFailed: () => undefined,
          storeRecovered: () => undefined,
          evicted: () => undefined,
          shutdownRequested: () => undefined,
        },
      },
      this.#wallMs,
      world.nowMs,
    );
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
            sync: 'merge',
            dial: () => {
              dial(this);
            },
          }
        : undefined,
    });
    sabotage(this.broker);
  }

  get #wallMs(): number {
    return epochMs + this.world.nowMs + this.#skewMs;
  }

  /** Lets something happen at this node, if it still runs. */
  act(what: () => void): void {
    if (!this.isAlive) return;
    this.broker.setTime(this.#wallMs, this.world.nowMs);
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
