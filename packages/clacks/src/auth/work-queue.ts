import { AuthBusyError } from './auth-error.ts';

/** How much a {@link WorkQueue} takes. */
export interface WorkLimits {
  /** How many jobs run at a time. It may change: it is asked for again whenever a job ends. */
  readonly running: number;
  /** How many more may wait in all. */
  readonly waiting: number;
  /** How many of one party may wait. */
  readonly waitingOfParty: number;
}

/** Begins a job that waited. */
type Begin = () => void;

/**
 * Runs asynchronous jobs, a few at a time. The parties that they are for take turns, so that one
 * with many jobs holds up none but itself; each party's own jobs run in the order they came.
 */
export class WorkQueue {
  readonly #limits: WorkLimits;
  /** Who waits, by party; the party whose turn is next comes first. */
  readonly #waiting = new Map<string, Set<Begin>>();
  #running = 0;
  #waitingCount = 0;

  constructor(limits: WorkLimits) {
    this.#limits = limits;
  }

  /** Whether nobody runs or waits. */
  get isIdle(): boolean {
    return this.#running === 0 && this.#waitingCount === 0;
  }

  /**
   * Runs a job when its turn comes.
   *
   * @param party - For whom.
   * @param signal - When it is aborted, a job that has not begun is dropped.
   * @throws AuthBusyError (as a rejection) if too many wait already; the signal's reason if it was
   * dropped.
   */
  async run<T>(job: () => Promise<T>, party: string, signal: AbortSignal): Promise<T> {
    if (!this.enter()) await this.#turn(party, signal);
    try {
      return await job();
    } finally {
      this.leave();
    }
  }

  /**
   * Takes a place among those that run, if one is free and nobody waits for it.
   *
   * @returns Whether it did; then {@link leave} gives it back.
   */
  enter(): boolean {
    if (this.#waitingCount > 0 || this.#running >= this.#limits.running) return false;
    this.#running++;
    return true;
  }

  /** Gives back a place. Who waits takes it over at once, so that nobody who comes between can. */
  leave(): void {
    this.#running--;
    while (this.#running < this.#limits.running) {
      const next = this.#takeNext();
      if (next === undefined) return;
      this.#running++;
      next();
    }
  }

  #turn(party: string, signal: AbortSignal): Promise<void> {
    const { waiting, waitingOfParty } = this.#limits;
    const ofParty = this.#waiting.get(party)?.size ?? 0;
    if (ofParty >= waitingOfParty) throw new AuthBusyError(waitingOfParty);
    if (this.#waitingCount >= waiting) throw new AuthBusyError(waiting);
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        signal.removeEventListener('abort', drop);
        resolve();
      };
      const drop = (): void => {
        this.#remove(party, begin);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', drop, { once: true });
      this.#add(party, begin);
    });
  }

  #add(party: string, begin: Begin): void {
    const ofParty = this.#waiting.get(party) ?? new Set();
    this.#waiting.set(party, ofParty.add(begin));
    this.#waitingCount++;
  }

  #remove(party: string, begin: Begin): void {
    const ofParty = this.#waiting.get(party);
    if (ofParty?.delete(begin) !== true) return;
    this.#waitingCount--;
    if (ofParty.size === 0) this.#waiting.delete(party);
  }

  #takeNext(): Begin | undefined {
    for (const [party, ofParty] of this.#waiting) {
      for (const begin of ofParty) {
        this.#remove(party, begin);
        // It had its turn: it goes behind the others.
        if (this.#waiting.delete(party)) this.#waiting.set(party, ofParty);
        return begin;
      }
    }
    return undefined;
  }
}
