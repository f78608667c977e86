import { createHmac, randomBytes } from 'node:crypto';
import { Console } from './console.ts';
import type { AdminUser } from './ports.ts';
import { SharedLogin } from './shared-login.ts';
import { Problem } from './problem.ts';

/** How long a session lasts that nobody uses, and at most, in ms. */
const idleMs = 30 * 60_000;
const lifetimeMs = 12 * 3600_000;
/** For how long credentials that come with each request need not be checked again, in ms. */
const checkedMs = 5 * 60_000;
/** Sessions of one user: the one that was used longest ago makes way. And of all. */
const sessionsOfUserMax = 16;
const sessionsMax = 256;
/** Streams of one session at a time. */
const streamsMax = 8;

/** Somebody who is logged in. */
export class HttpSession {
  readonly user: AdminUser;
  /** Until when its credentials count as checked. */
  readonly checkedUntilMs: number;
  readonly #endsAtMs: number;
  usedAtMs: number;
  #streams = 0;
  #console: Console | undefined;

  constructor(user: AdminUser, nowMs: number, checkedForMs: number) {
    this.user = user;
    this.checkedUntilMs = nowMs + checkedForMs;
    this.#endsAtMs = nowMs + lifetimeMs;
    this.usedAtMs = nowMs;
  }

  /** Its console. */
  get console(): Console {
    return (this.#console ??= new Console(this.user));
  }

  /** Whether it is over. */
  isOver(nowMs: number): boolean {
    if (!this.user.isOpen || nowMs >= this.#endsAtMs) return true;
    // Who watches is there.
    return this.#streams === 0 && nowMs >= Math.min(this.checkedUntilMs, this.usedAtMs + idleMs);
  }

  /**
   * A stream begins.
   *
   * @throws Problem if there are too many.
   */
  beginStream(): void {
    if (this.#streams >= streamsMax) {
      throw new Problem('too_many', `More than ${streamsMax} streams of one session.`);
    }
    this.#streams++;
  }

  /** A stream has ended. */
  endStream(nowMs: number): void {
    this.#streams--;
    this.usedAtMs = nowMs;
  }

  /** Takes leave of the node. */
  close(): void {
    this.#console?.close();
    this.user.close();
  }
}

/** Who is logged in over HTTP, each known by a secret that no two have. */
export class HttpSessions {
  readonly #now: () => number;
  /** Keys of the map are made with it, so that it holds no secrets. */
  readonly #pepper = randomBytes(32);
  /** Secrets begin with it: those of another run of the server are told by that. */
  readonly #run = randomBytes(9).toString('base64url');
  readonly #sessions = new Map<string, HttpSession>();
  /** Logins that are being checked, by credentials. */
  readonly #checking = new Map<string, SharedLogin<HttpSession>>();

  /** @param now - Monotonic ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Begins a session.
   *
   * @returns The secret that it is known by.
   * @throws Problem if there are too many.
   */
  begin(user: AdminUser): { readonly secret: string; readonly session: HttpSession } {
    const secret = `${this.#run}.${randomBytes(32).toString('base64url')}`;
    return { secret, session: this.#add(this.#keyOf('cookie', secret), user, lifetimeMs) };
  }

  /** The session of a secret, if it is not over. */
  find(secret: string): HttpSession | undefined {
    return this.#used(this.#keyOf('cookie', secret));
  }

  /** Whether a secret is of another run of the server: what it stood for is forgotten, not over. */
  isOfOtherRun(secret: string): boolean {
    return !secret.startsWith(`${this.#run}.`);
  }

  /**
   * The session of who sends its credentials with each request. They are checked now and then only.
   *
   * @param usersVersion - Another one than before has them checked anew.
   * @param signal - Who asks is gone.
   * @param login - Checks them, for all who ask meanwhile.
   */
  async ofCredentials(
    username: string,
    password: string,
    usersVersion: number,
    signal: AbortSignal,
    login: (signal: AbortSignal) => Promise<AdminUser>,
  ): Promise<HttpSession> {
    const key = this.#keyOf('basic', JSON.stringify([username, password, usersVersion]));
    const known = this.#used(key);
    if (known !== undefined && this.#now() < known.checkedUntilMs) return known;
    let checking = this.#checking.get(key);
    if (checking === undefined || checking.isGivenUp) {
      checking = this.#check(key, login);
      this.#checking.set(key, checking);
    }
    return checking.join(signal);
  }

  /** Ends a session. */
  end(secret: string): void {
    const key = this.#keyOf('cookie', secret);
    this.#sessions.get(key)?.close();
    this.#sessions.delete(key);
  }

  /** Ends those that are over. */
  sweep(): void {
    for (const [key, session] of this.#sessions) {
      if (session.isOver(this.#now())) this.#drop(key, session);
    }
  }

  /** Ends all. */
  endAll(): void {
    for (const [key, session] of this.#sessions) this.#drop(key, session);
  }

  #check(
    key: string,
    login: (signal: AbortSignal) => Promise<AdminUser>,
  ): SharedLogin<HttpSession> {
    const checking = new SharedLogin(async (signal) => {
      try {
        return this.#add(key, await login(signal), checkedMs);
      } finally {
        // One that was given up may have made way for another.
        if (this.#checking.get(key) === checking) this.#checking.delete(key);
      }
    });
    return checking;
  }

  #used(key: string): HttpSession | undefined {
    const session = this.#sessions.get(key);
    if (session === undefined) return undefined;
    const nowMs = this.#now();
    if (session.isOver(nowMs)) {
      this.#drop(key, session);
      return undefined;
    }
    session.usedAtMs = nowMs;
    return session;
  }

  #add(key: string, user: AdminUser, checkedForMs: number): HttpSession {
    this.sweep();
    this.#makeWay(user.username);
    if (this.#sessions.size >= sessionsMax) {
      user.close();
      throw new Problem('too_many', 'Too many are logged in.');
    }
    const session = new HttpSession(user, this.#now(), checkedForMs);
    const before = this.#sessions.get(key);
    // Streams of the one before go on.
    if (before !== undefined)
      this.#sessions.set(`${key} ${randomBytes(9).toString('hex')}`, before);
    this.#sessions.set(key, session);
    return session;
  }

  #makeWay(username: string): void {
    const ofUser = [...this.#sessions].filter(([, { user }]) => user.username === username);
    if (ofUser.length < sessionsOfUserMax) return;
    ofUser.sort(([, one], [, other]) => one.usedAtMs - other.usedAtMs);
    for (const [key, session] of ofUser.slice(0, 1 + ofUser.length - sessionsOfUserMax)) {
      this.#drop(key, session);
    }
  }

  #drop(key: string, session: HttpSession): void {
    this.#sessions.delete(key);
    session.close();
  }

  #keyOf(kind: string, secret: string): string {
    return createHmac('sha256', this.#pepper).update(`${kind} ${secret}`).digest('base64');
  }
}
