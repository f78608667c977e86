import { encodeToken, LineSplitter } from '@clacks/protocol';
import { Broker } from '../../src/broker/broker.ts';
import type { BrokerOptions } from '../../src/broker/broker.ts';
import { Cache } from '../../src/broker/cache.ts';
import { unrecorded } from '../../src/broker/entry-table.ts';
import type { EntryChanges } from '../../src/broker/entry-table.ts';
import type {
  ByteSource,
  ConnectionFacts,
  ConnectionPort,
  LineSource,
  Permissions,
} from '../../src/broker/ports.ts';
import type { Session } from '../../src/broker/session.ts';

export const all: Permissions = { read: true, write: true, manage: true, interclacks: true };
const none: Permissions = { read: false, write: false, manage: false, interclacks: false };

const permissionsOf: Readonly<Record<string, Permissions>> = {
  admin: all,
  rw: { ...none, read: true, write: true },
  ro: { ...none, read: true },
  wo: { ...none, write: true },
  none,
};

/** Lines that can all be handled at once. */
export class TestLines extends LineSplitter implements LineSource, ByteSource {
  /** Whether they can be had as they came in as well. */
  isGivenAsBytes = true;

  mayGoOn(): boolean {
    return true;
  }

  asBytes(): this | undefined {
    return this.isGivenAsBytes && this.hasBytes ? this : undefined;
  }

  override push(chunk: string): void {
    super.push(chunk, Buffer.from(chunk, 'latin1'));
  }
}

/** One connection to a broker under test, without a socket. */
export class TestConnection implements ConnectionPort {
  readonly facts: ConnectionFacts;
  readonly cid: string;
  readonly lines = new TestLines(1024 * 1024);
  outbufferLength = 0;
  stalledSinceMs = 0;
  lastSentAtMs: number;
  closedBecause: string | undefined;
  readonly #node: TestNode;
  readonly #session: Session;
  #received: string[] = [];

  constructor(node: TestNode, name: string) {
    this.#node = node;
    this.facts = { transport: 'unix', host: 'unixdomainsocket', port: name };
    this.cid = `unixdomainsocket:${name}`;
    this.lastSentAtMs = node.nowMs;
    this.#session = node.broker.open(this);
  }

  get inbufferLength(): number {
    return this.lines.length;
  }

  send(lines: string): void {
    this.lastSentAtMs = this.#node.nowMs;
    this.#received.push(...lines.split('\r\n').filter((line) => line !== ''));
  }

  close(reason: string): void {
    this.closedBecause ??= reason;
  }

  setLink(): void {
    // There is no socket whose limits would be others now.
  }

  resume(): void {
    this.#node.broker.receive(this.#session, this.lines);
  }

  /** Sends lines; answers come into {@link take}. */
  say(...lines: string[]): this {
    this.#node.tellTime();
    this.lines.push(lines.map((line) => `${line}\r\n`).join(''));
    this.#node.broker.receive(this.#session, this.lines);
    return this;
  }

  /** Sends bytes as they are. */
  sayRaw(bytes: string): this {
    this.#node.tellTime();
    this.lines.push(bytes);
    this.#node.broker.receive(this.#session, this.lines);
    return this;
  }

  /** The peer is gone. */
  vanish(): void {
    this.#node.tellTime();
    this.#node.broker.closed(this.#session, this.outbufferLength);
  }

  /** What was received since the last call. */
  take(): string[] {
    const received = this.#received;
    this.#received = [];
    return received;
  }
}

/** A cache under test. */
export const newCache = (
  options: Partial<ConstructorParameters<typeof Cache>[0]> = {},
  nodeId = 'node',
  changes: EntryChanges = unrecorded,
): Cache =>
  new Cache(
    {
      deletedCacheTimeMs: 3_600_000,
      staleCacheTimeMs: 0,
      maxCacheEntries: 0,
      maxCacheBytes: 0,
      ...options,
    },
    nodeId,
    changes,
  );

/** A broker under test with a clock that stands still until told. */
export class TestNode {
  nowMs = 1_000_000;
  readonly broker: Broker;
  readonly errors: string[] = [];
  readonly events: string[] = [];
  readonly failedLogins: { username: string; error?: unknown }[] = [];
  shutdownRequestedBy: string | undefined;
  #serial = 0;

  constructor(options: Partial<BrokerOptions> = {}) {
    this.broker = new Broker(
      {
        identification: 'test',
        nodeId: 'node',
        interclacksPingTimeoutMs: 60_000,
        interclacksStalledWriteTimeoutMs: 120_000,
        authTimeoutMs: 15_000,
        pingTimeoutMs: 180_000,
        stalledWriteTimeoutMs: 60_000,
        deletedCacheTimeMs: 3_600_000,
        staleCacheTimeMs: 86_400_000,
        cacheCleanIntervalMs: 60_000,
        maxCacheEntries: 0,
        maxCacheBytes: 0,
        persistenceIntervalMs: 10_000,
        maxNames: 100_000,
        maxMessagesPerSecond: 0,
        store: undefined,
        authenticate: (username, password) =>
          password === 'secret' ? permissionsOf[username] : undefined,
        events: {
          loginFailed: (_cid, username, error) => this.failedLogins.push({ username, error }),
          loggedIn: () => undefined,
          errorReceived: (_cid, text) => this.errors.push(text),
          storeFailed: (reason) => this.events.push(`failed: ${reason}`),
          storeRecovered: () => this.events.push('recovered'),
          reloadRequested: () => undefined,
          evicted: (entries) => this.events.push(`evicted: ${entries}`),
          shutdownRequested: (cid) => {
            this.shutdownRequestedBy = cid;
          },
        },
        ...options,
      },
      this.wallMs,
      this.nowMs,
    );
  }

  get wallMs(): number {
    return this.nowMs + 1_700_000_000_000;
  }

  tellTime(): void {
    this.broker.setTime(this.wallMs, this.nowMs);
  }

  /** Lets time pass, ticking whenever the broker asks for it. */
  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    while (this.broker.nextTickMs <= endMs) {
      this.nowMs = Math.max(this.nowMs, this.broker.nextTickMs);
      this.tellTime();
      this.broker.tick();
    }
    this.nowMs = endMs;
    this.tellTime();
  }

  /** A new connection that has not logged in. */
  connect(): TestConnection {
    this.tellTime();
    this.#serial++;
    return new TestConnection(this, `t:${this.#serial}`);
  }

  /** A new connection of that user, its welcome taken. */
  login(username = 'admin'): TestConnection {
    const connection = this.connect();
    connection.say(`CLACKS ${username}`, tokenLine(username));
    connection.take();
    return connection;
  }
}

export const tokenLine = (username: string, password = 'secret'): string =>
  `OVERHEAD A ${encodeToken({ username, password })}`;

/**
 * Names of eight bytes with the same hash: it is known what comes of the first four, and so which
 * others lead to the same in the end, if one knows the seed.
 */
export const namesInOnePlace = (count: number, seed: number): string[] => {
  const scatter = (hash: number, group: number): number => {
    const mixed = Math.imul(hash ^ group, 0x9e3779b1);
    return mixed ^ (mixed >>> 15);
  };
  const bytesOf = (group: number): number[] => [0, 8, 16, 24].map((by) => (group >>> by) & 255);
  const aim = 0x1234567;
  return Array.from({ length: count }, (_, index) => {
    const first = 0x41414141 + index;
    return String.fromCharCode(...bytesOf(first), ...bytesOf(scatter(seed ^ 8, first) ^ aim));
  });
};
