import type { Session } from './session.ts';

/** Least pause of those who wait, in ms: then several lines may follow at once. */
const minPauseMs = 10;
/** With more users than this, those are forgotten for whom it makes no difference. */
const minSweep = 1024;

/** What one user may send: lines that come to its account evenly, a second's worth at most. */
export class Allowance {
  readonly perSecond: number;
  /** Connections of the user that are open. */
  sessions = 0;
  /** Who waits; who has waited longest for a line comes first. */
  readonly waiting = new Set<Session>();
  #lines: number;
  #atMs: number;

  /** @param lines - What there is to begin with, if it is not all. */
  constructor(perSecond: number, nowMs: number, lines = Infinity) {
    this.perSecond = perSecond;
    this.#lines = Math.min(Math.max(1, perSecond), lines);
    this.#atMs = nowMs;
  }

  /** Whether it makes no difference to a new one. */
  isIdle(nowMs: number): boolean {
    return this.sessions === 0 && this.available(nowMs) === Math.max(1, this.perSecond);
  }

  /** How many lines may be handled now. */
  available(nowMs: number): number {
    const earned = ((nowMs - this.#atMs) * this.perSecond) / 1000;
    this.#lines = Math.min(Math.max(1, this.perSecond), this.#lines + earned);
    this.#atMs = nowMs;
    return this.#lines;
  }

  /** A line of the session is handled. */
  spend(session: Session): void {
    this.#lines--;
    this.served(session);
  }

  /** The session got its line, or needs none: others come before it the next time. */
  served(session: Session): void {
    if (this.waiting.size > 0) this.waiting.delete(session);
  }

  /** When the next line may be handled, in monotonic ms. */
  get nextAtMs(): number {
    return this.#atMs + Math.max(minPauseMs, ((1 - this.#lines) * 1000) / this.perSecond);
  }
}

/**
 * How much each user may send, all connections together: a bucket of tokens for each. Who sends more
 * waits: its lines are read later, and none is lost.
 */
export class RateLimits {
  readonly #allowances = new Map<string, Allowance>();
  /** Those for which somebody waits. */
  readonly #exhausted = new Set<Allowance>();
  #sweepAt = minSweep;
  #nextTickMs = Infinity;

  /** When {@link tick} next has something to do, in monotonic ms. */
  get nextTickMs(): number {
    return this.#nextTickMs;
  }

  /**
   * A session's user may send so much from now on. If the session waits, it goes on: it may wait again.
   *
   * @param perSecond - Lines, of all its connections together; 0 = no limit.
   */
  assign(session: Session, perSecond: number, nowMs: number): void {
    const { username } = session;
    let allowance = perSecond === 0 ? undefined : this.#allowances.get(username);
    if (perSecond > 0 && allowance?.perSecond !== perSecond) {
      this.#sweep(nowMs);
      // What it has used up stays used up.
      allowance = new Allowance(perSecond, nowMs, allowance?.available(nowMs));
      this.#allowances.set(username, allowance);
    }
    if (allowance === session.allowance) return;
    const waits = session.isThrottled;
    this.leave(session);
    session.allowance = allowance;
    if (allowance !== undefined) allowance.sessions++;
    if (waits) session.port.resume();
  }

  /** A session is gone, or belongs to somebody else. */
  leave(session: Session): void {
    const { allowance } = session;
    if (allowance === undefined) return;
    allowance.sessions--;
    allowance.waiting.delete(session);
    session.allowance = undefined;
    session.isThrottled = false;
  }

  /** Whether a session may send another line now; else it waits. */
  mayGoOn(session: Session, nowMs: number): boolean {
    const { allowance } = session;
    // Other nodes bring what others have sent.
    if (allowance === undefined || session.link !== undefined) return true;
    if (allowance.available(nowMs) >= 1) return true;
    session.isThrottled = true;
    allowance.waiting.add(session);
    this.#exhausted.add(allowance);
    this.#nextTickMs = Math.min(this.#nextTickMs, allowance.nextAtMs);
    return false;
  }

  /** Lets those go on who may. */
  tick(nowMs: number): void {
    if (nowMs < this.#nextTickMs) return;
    this.#nextTickMs = Infinity;
    for (const allowance of [...this.#exhausted]) {
      if (nowMs >= allowance.nextAtMs) this.#release(allowance, nowMs);
      if (allowance.waiting.size === 0) this.#exhausted.delete(allowance);
      else this.#nextTickMs = Math.min(this.#nextTickMs, allowance.nextAtMs);
    }
  }

  #release(allowance: Allowance, nowMs: number): void {
    let places = Math.floor(allowance.available(nowMs));
    for (const session of [...allowance.waiting]) {
      if (places < 1) return;
      if (session.state.kind === 'closing') {
        allowance.waiting.delete(session);
        continue;
      }
      places--;
      session.isThrottled = false;
      session.port.resume();
    }
  }

  #sweep(nowMs: number): void {
    if (this.#allowances.size < this.#sweepAt) return;
    for (const [username, allowance] of this.#allowances) {
      if (allowance.isIdle(nowMs)) this.#allowances.delete(username);
    }
    this.#sweepAt = Math.max(minSweep, 2 * this.#allowances.size);
  }
}
