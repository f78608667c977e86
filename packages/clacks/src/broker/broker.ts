import { lineEnd } from '@clacks/protocol';
import { admit, applyUsers, forgetNames, limitRate } from './admission.ts';
import { Cache } from './cache.ts';
import { Cleaner } from './cleaner.ts';
import { Deadlines } from './deadlines.ts';
import { Keeper } from './keeper.ts';
import { unlinked } from './links.ts';
import type { Links } from './links.ts';
import { LineHandler } from './line-handler.ts';
import { Listeners } from './listeners.ts';
import { Lock } from './lock.ts';
import { Login } from './login.ts';
import { Monitors } from './monitors.ts';
import type { Rights } from './permissions.ts';
import { seedOf } from './name-table.ts';
import { RateLimits } from './rate-limits.ts';
import type {
  Authenticate,
  BrokerEvents,
  ConnectionPort,
  LineSource,
  Store,
  StoredContext,
} from './ports.ts';
import { Session } from './session.ts';
import type { BrokerSettings } from './settings.ts';
import { TreeClock } from './tree-clock.ts';
import { checkTimeouts } from './timeouts.ts';
import { Traffic } from './traffic.ts';

/** What a broker is made with. */
export interface BrokerOptions extends BrokerSettings {
  /** What follows `CLACKS ` in the greeting. */
  readonly identification: string;
  /** A name for this run of this node, that no other has. */
  readonly nodeId: string;
  /** Where the cache is kept, if it is. */
  readonly store: Store | undefined;
  readonly authenticate: Authenticate;
  readonly events: BrokerEvents;
}

/** Sessions that have to wait while the node is locked are looked at again after so long, in ms. */
const lockedCheckMs = 1000;

/**
 * The domain: sessions, who listens to what, and the cache. It has no clock, no sockets and no
 * timers: every call that may depend on the time says what time it is, and the broker answers
 * through {@link ConnectionPort}s. The same calls always give the same answers.
 */
export class Broker {
  /** All parts read their limits and times from here: see {@link configure}. */
  readonly options: BrokerOptions;
  readonly events: BrokerEvents;
  readonly cache: Cache;
  /** The links to other nodes. */
  links: Links = unlinked;
  readonly listeners: Listeners<Session>;
  readonly monitors = new Monitors();
  readonly rateLimits = new RateLimits();
  /** Bytes of memory that the names take which are listened to, about. */
  nameBytes = 0;
  /** All connections by cid, in the order they came. */
  readonly sessions = new Map<string, Session>();
  /** Keeps the cache beyond the process. */
  readonly keeper: Keeper;
  /** How many commands were refused, and why. */
  readonly refusals = { denied: 0, unknown: 0 };
  /** How many lines came in and went out. */
  readonly traffic = new Traffic();
  readonly #clock: TreeClock;
  readonly #deadlines = new Deadlines<Session>();
  readonly #login: Login;
  readonly #cleaner: Cleaner;
  readonly #lock = new Lock();
  readonly #lineHandler: LineHandler;
  #shutdown: { readonly atMs: number; readonly cid: string } | undefined;

  constructor(given: BrokerOptions, wallMs: number, monotonicMs: number) {
    const options = { ...given };
    this.options = options;
    this.events = options.events;
    this.#clock = new TreeClock(wallMs, monotonicMs);
    this.keeper = new Keeper(options.store, {
      settings: options,
      events: options.events,
      context: () => ({
        ...this.cache.context,
        clock: this.#clock.name,
        clockOffsetMs: this.#clock.offsetMs,
      }),
      entries: () => this.cache.entries(),
      count: () => this.cache.size,
      now: () => this.#clock.monotonicMs,
    });
    this.cache = new Cache(options, options.nodeId, this.keeper.changes);
    this.listeners = new Listeners(seedOf(options.nodeId));
    this.#lineHandler = new LineHandler(this, this.#lock);
    this.#cleaner = new Cleaner(this.cache, monotonicMs, {
      settings: options,
      forgotten: (name, reason) => {
        this.monitors.tellOf(name, `SERVERCACHE=${reason}=${name}`);
      },
      evicted: (entries) => {
        this.events.evicted(entries);
      },
    });
    this.#login = new Login(options.authenticate, options.events, (session, rights) => {
      admit(this, session, rights);
    });
  }

  /** The time for cache entries, in whole µs since 1970, by the clock that the tree shares. */
  get nowUs(): number {
    return this.#clock.nowUs;
  }

  /** The clock that the tree's nodes share, if it is another node's. */
  get clock(): string | undefined {
    return this.#clock.name;
  }

  /** What that is ahead of the wall clock, in ms. */
  get clockOffsetMs(): number {
    return this.#clock.offsetMs;
  }

  /** Wall clock, epoch ms: for people. */
  get wallMs(): number {
    return this.#clock.wallMs;
  }

  /** A clock that never jumps, in ms: for timeouts. */
  get monotonicMs(): number {
    return this.#clock.monotonicMs;
  }

  /** Says what time it is. Comes before every other call. */
  setTime(wallMs: number, monotonicMs: number): void {
    this.#clock.tell(wallMs, monotonicMs);
  }

  /** A name for this run of this node, that no other has. */
  get nodeId(): string {
    return this.cache.nodeId;
  }

  /**
   * All entries that were kept are back.
   *
   * @param context - What they have in common, if anything was kept.
   * @param lastingId - What the run before this one is called in the cache, if it has ended in order.
   */
  restored(context: StoredContext | undefined, lastingId: string | undefined): void {
    this.cache.restored(context, lastingId);
    if (context !== undefined) this.#clock.set(context.clock, context.clockOffsetMs);
  }

  /**
   * Goes by a clock from now on.
   *
   * @param name - `undefined` if it is this node's own one.
   * @param offsetMs - What it is ahead of the wall clock.
   */
  setClock(name: string | undefined, offsetMs: number): void {
    if (this.#clock.set(name, offsetMs)) this.keeper.changes.contextChanged();
  }

  /** A connection was opened: greets it (protocol 3). */
  open(port: ConnectionPort): Session {
    const session = this.opened(port);
    session.send(`CLACKS ${this.options.identification}`);
    session.send('OVERHEAD M Authentication required');
    return session;
  }

  /** A connection was opened by this node: the other end is to log in as well, but it greets. */
  opened(port: ConnectionPort): Session {
    const session = new Session(port, this.monotonicMs);
    this.sessions.set(port.cid, session);
    this.look(session, this.monotonicMs + this.options.authTimeoutMs);
    this.monitors.tell(`CONNECTED=${port.cid}`);
    return session;
  }

  /** A session has given the sign of life that its timeout waits for. */
  heardFrom(session: Session): void {
    session.lastPingAtMs = this.monotonicMs;
    session.pingTimeoutOff = false;
  }

  /**
   * Hears nobody but the master from now on. Without one, as long as it is not there, clients alone
   * have to wait, so that other nodes can link. Whoever is not heard keeps its lines for later.
   */
  lock(master?: Session): void {
    this.#lock.close(master);
  }

  /** Hears everybody again. */
  unlock(): void {
    if (!this.#lock.open()) return;
    for (const session of [...this.sessions.values()]) {
      // They could not be heard.
      session.lastPingAtMs = this.monotonicMs;
      session.loginBeganAtMs = this.monotonicMs;
      session.port.resume();
    }
  }

  /**
   * Bytes arrived on a connection: handles its lines in order.
   *
   * @returns Whether the session takes more lines; if not, the rest waits for
   * {@link ConnectionPort.resume}.
   */
  receive(session: Session, lines: LineSource): boolean {
    const takesMore = this.#lineHandler.receive(session, lines);
    this.monitors.tellHandled();
    return takesMore;
  }

  /** A connection sent a line that is too long (protocol 10.3). */
  lineTooLong(session: Session, maxLineLength: number): void {
    this.#lineHandler.lineTooLong(session, maxLineLength);
  }

  /** A connection is gone. */
  closed(session: Session, discardedBytes: number): void {
    session.ended('peer_closed');
    this.sessions.delete(session.port.cid);
    this.traffic.othersSent += session.linesSent;
    // Its timeouts may be minutes ahead: all that it has would be kept for so long.
    this.#deadlines.forget(session);
    this.monitors.delete(session);
    this.rateLimits.leave(session);
    forgetNames(this, session);
    session.link?.ended();
    this.monitors.tell(
      `DISCONNECTED=${session.port.cid} (${discardedBytes} bytes discarded from outbuffer)`,
    );
  }

  /** Does what is due. Called at {@link nextTickMs}, or later, or earlier. */
  tick(): void {
    for (const session of this.#deadlines.takeDue(this.monotonicMs)) {
      if (session.state.kind === 'closing') continue;
      if (this.#lineHandler.mustWait(session)) {
        this.look(session, this.monotonicMs + lockedCheckMs);
        continue;
      }
      // A PING may be among the lines that wait.
      if (session.isThrottled) session.lastPingAtMs = this.monotonicMs;
      const again = checkTimeouts(session, this.options, this.monotonicMs);
      if (again !== undefined) this.look(session, again);
    }
    this.#cleaner.tick(this.nowUs, this.monotonicMs);
    this.keeper.tick();
    this.rateLimits.tick(this.monotonicMs);
    if (this.monotonicMs >= this.links.nextTickMs) this.links.tick();
    if (this.#shutdown !== undefined && this.monotonicMs >= this.#shutdown.atMs) {
      const { cid } = this.#shutdown;
      this.#shutdown = undefined;
      this.events.shutdownRequested(cid);
    }
  }

  /** When {@link tick} next has something to do, in monotonic ms. */
  get nextTickMs(): number {
    return Math.min(
      this.#deadlines.nextMs,
      this.#cleaner.nextTickMs,
      this.links.nextTickMs,
      this.keeper.nextTickMs,
      this.rateLimits.nextTickMs,
      this.#shutdown?.atMs ?? Infinity,
    );
  }

  /** The node stops: takes leave of every connection. */
  shutdown(): void {
    for (const session of [...this.sessions.values()]) {
      session.port.send(`${lineEnd}QUIT${lineEnd}`);
      session.close('shutdown');
    }
  }

  /** Answers a command that needs a permission that the session does not have (protocol 4). */
  deny(session: Session): void {
    this.refusals.denied++;
    session.send('OVERHEAD E permission_denied');
  }

  /** Checks a login token; a session waits for the answer. */
  authenticate(session: Session, token: string): void {
    if (session.state.kind === 'ready') {
      session.loginBeganAtMs = this.monotonicMs;
      this.look(session, this.monotonicMs + this.options.authTimeoutMs);
    }
    this.#login.check(session, token);
  }

  /** Asks for a shutdown in that many seconds; not a positive number does nothing. */
  scheduleShutdown(session: Session, seconds: number): void {
    if (!(seconds > 0)) return;
    this.#shutdown = { atMs: this.monotonicMs + seconds * 1000, cid: session.port.cid };
  }

  /** Other limits and times hold from now on, for what is there as well. */
  configure(settings: BrokerSettings): void {
    Object.assign(this.options, settings);
    this.cache.limitsChanged();
    this.#cleaner.intervalChanged(this.monotonicMs);
    this.keeper.intervalChanged();
    for (const session of this.sessions.values()) {
      if (session.hasLoggedIn) limitRate(this, session);
      this.look(session, this.monotonicMs);
    }
  }

  /**
   * Others may log in from now on, and may do other things. Who has logged in already may do that at
   * once; whoever may not log in any more is closed.
   *
   * @param permissionsOf - What a user may do; `undefined` if there is no such user.
   */
  usersChanged(authenticate: Authenticate, rights: ReadonlyMap<string, Rights>): void {
    this.#login.setAuthenticate(authenticate);
    applyUsers(this, rights);
  }

  /** Looks at a session's timeouts at that time, unless it is looked at earlier anyway. */
  look(session: Session, atMs: number): void {
    this.#deadlines.schedule(session, atMs);
  }
}
