import type { Authenticate, Permissions } from '../broker/ports.ts';
import { CredentialMemory } from './credential-memory.ts';
import { systemClock } from './failing-address.ts';
import type { Clock, FailingAddress } from './failing-address.ts';
import { FailingAddresses } from './failing-addresses.ts';

type Decision = ReturnType<Authenticate>;

/** How failed logins are slowed down. */
export interface SlowDownOptions {
  /** Longest pause between two logins of an address, in ms. */
  readonly pauseMaxMs: number;
  /**
   * Whether credentials that were accepted before pass without waiting, whatever their address: not
   * if the answer to them may change from one time to the next. Then they have every other turn.
   */
  readonly passesKnown: boolean;
  /** Called when logins from that address are slowed down from now on. */
  readonly slowedDown: (address: string) => void;
  /** How many addresses are remembered. Default 10,000. */
  readonly addressesMax?: number;
  /** Default: the clock of this process. */
  readonly clock?: Clock;
}

/** One login. */
interface Attempt {
  readonly host: string;
  readonly signal: AbortSignal;
  /** Stands for its credentials. */
  readonly digest: string;
  /** Has it checked. */
  readonly check: () => Decision;
}

/** Why an attempt waits no longer: its credentials were accepted meanwhile. */
const accepted = new Error('accepted meanwhile');

const isPromise = (decision: Decision): decision is Promise<Permissions | undefined> =>
  decision !== undefined && 'then' in decision;

/** The outcome of a promise, or the reason of a signal that is aborted before. */
const unlessAborted = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const giveUp = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    void promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', giveUp);
    });
  });

class SlowDown {
  readonly #slowedDown: (address: string) => void;
  readonly #addresses: FailingAddresses;
  readonly #accepted = new CredentialMemory<true>();
  readonly #passesKnown: boolean;
  /** Attempts that wait, by their credentials. */
  readonly #waiting = new Map<string, Set<AbortController>>();

  constructor(options: SlowDownOptions) {
    const { pauseMaxMs, passesKnown, slowedDown, clock = systemClock } = options;
    this.#slowedDown = slowedDown;
    this.#addresses = new FailingAddresses({ clock, pauseMaxMs }, options.addressesMax);
    this.#passesKnown = passesKnown;
  }

  /** What stands for credentials: all that the answer to them depends on. */
  digestOf(username: string, password: string, certificateSubject: string): string {
    return this.#accepted.digestOf(username, password, certificateSubject);
  }

  decide(attempt: Attempt): Decision {
    const { host, digest, signal } = attempt;
    const isKnown = this.#accepted.get(digest) === true;
    if (isKnown && this.#passesKnown) return this.#ask(attempt);
    const address = this.#addresses.obtain(host);
    if (!address.enter()) return this.#wait(address, attempt, isKnown);
    let decision: Decision;
    try {
      decision = this.#ask(attempt);
    } catch (error) {
      address.leave();
      throw error;
    }
    if (isPromise(decision)) {
      return unlessAborted(decision, signal).finally(() => {
        address.leave();
      });
    }
    address.leave();
    return decision;
  }

  /** Has it checked, and takes note of the answer, also if nobody waits for that any more. */
  #ask(attempt: Attempt): Decision {
    const decision = attempt.check();
    if (isPromise(decision)) {
      return Promise.resolve(decision).then((settled) => this.#note(attempt, settled));
    }
    return this.#note(attempt, decision);
  }

  #note({ host, digest }: Attempt, decision: Permissions | undefined): Permissions | undefined {
    if (decision === undefined) {
      this.#accepted.delete(digest);
      const address = this.#addresses.fail(host);
      if (address !== undefined) this.#slowedDown(address);
    } else {
      this.#accepted.set(digest, true);
      if (this.#passesKnown) {
        for (const waiting of this.#waiting.get(digest) ?? []) waiting.abort(accepted);
      }
    }
    return decision;
  }

  async #wait(
    address: FailingAddress,
    attempt: Attempt,
    isKnown: boolean,
  ): Promise<Permissions | undefined> {
    const { digest, signal } = attempt;
    const release = new AbortController();
    const others = this.#waiting.get(digest) ?? new Set();
    this.#waiting.set(digest, others.add(release));
    const check = async () => {
      // Nobody would take its place back.
      signal.throwIfAborted();
      return this.#ask(attempt);
    };
    try {
      // Whoever is gone makes room for the next one, even if the check goes on.
      return await address.run(
        () => unlessAborted(check(), signal),
        isKnown ? 'known' : 'unknown',
        AbortSignal.any([signal, release.signal]),
      );
    } catch (error) {
      if (release.signal.aborted && !signal.aborted) return await this.#ask(attempt);
      throw error;
    } finally {
      others.delete(release);
      if (others.size === 0) this.#waiting.delete(digest);
    }
  }
}

/**
 * Slows down logins from addresses where they failed often. The first failures cost nothing. From
 * then on the logins of that address are checked one at a time, each after a pause that grows, and
 * no answer comes earlier: trying in parallel is no faster. Failures are forgiven with time. Other
 * addresses notice nothing, and neither do known credentials.
 *
 * A check that fails (throws) says nothing about the password, and does not count.
 *
 * @param authenticate - The check that is slowed down. It may throw, and it may never answer: the
 * next one has its turn when the login's signal is aborted.
 */
export const slowingDown = (authenticate: Authenticate, options: SlowDownOptions): Authenticate => {
  const slowDown = new SlowDown(options);
  return (username, password, connection, signal) => {
    const { host, certificateSubject = '' } = connection;
    return slowDown.decide({
      host,
      signal,
      digest: slowDown.digestOf(username, password, certificateSubject),
      check: () => authenticate(username, password, connection, signal),
    });
  };
};
